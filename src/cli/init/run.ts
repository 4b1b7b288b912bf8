import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { messageOf, propertyOf } from "../../errors.ts";
import type { Dialog } from "../terminal/confirm.ts";
import { note, print } from "../terminal/print.ts";
import { usageError } from "../terminal/usage_error.ts";
import { type Answers, parsePort, withDefaults } from "./answers.ts";
import { ask } from "./ask.ts";
import { projectFiles } from "./project.ts";
import { type FileState, planFiles, type PlannedFile, writeFiles } from "./write_files.ts";

/** The options of `init`. */
export interface InitOptions extends Partial<Omit<Answers, "tlsEnd" | "port">> {
  readonly port?: string;
  readonly tls?: boolean;
  readonly proxy?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Asks what wasn't given, and writes the files, or prints them. */
export async function runInit(path: string, options: InitOptions, dialog: Dialog = terminal()): Promise<void> {
  const folder = resolve(path);
  requireFolder(folder, path);
  const given = givenAnswers(options);
  const isAsked = !options.yes && dialog.input.isTTY;
  const answers = withDefaults(isAsked ? await ask(given, folder, dialog) : given, folder);
  parsePort(String(answers.port), answers.tlsEnd);
  const files = planFiles(folder, projectFiles(answers, folder));
  const existing = files.filter(({ state }) => state === "exists").map(({ name }) => name);
  if (existing.length && !options.force && !options.dryRun) {
    throw new Error(
      `Nothing was written: ${folder} has other files of these names: ${
        existing.join(", ")
      }; --force replaces them; or name another folder`,
    );
  }
  if (!options.dryRun) write(folder, files);
  report(folder, answers, files, options);
}

function requireFolder(folder: string, path: string): void {
  try {
    if (!lstatSync(folder, { throwIfNoEntry: false })?.isFile()) return;
  } catch (cause) {
    if (propertyOf(cause, "code") !== "ENOTDIR") {
      throw new Error(`Folder ${folder} can't be read: ${messageOf(cause)}`, { cause });
    }
  }
  throw usageError(`Folder is ${path}, but should be a folder: it is a file, or in one`);
}

function givenAnswers(options: InitOptions): Partial<Answers> {
  const { runtime, language, inbox, domain, port, changeAgent, tls, proxy } = options;
  if (tls && proxy) throw usageError("--tls and --proxy are both given: it should be one of them");
  const tlsEnd = tls ? "tls" : proxy ? "proxy" : undefined;
  const given = { runtime, language, inbox, tlsEnd, domain, changeAgent };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(known), ...(port === undefined ? {} : { port: parsePort(port) }) };
}

function write(folder: string, files: readonly PlannedFile[]): void {
  try {
    writeFiles(folder, files);
  } catch (cause) {
    throw new Error(`Folder ${folder} can't be written to: ${messageOf(cause)}`, { cause });
  }
}

function report(folder: string, answers: Answers, files: readonly PlannedFile[], options: InitOptions): void {
  const { dryRun = false, force = false, json } = options;
  if (json) {
    const shown = files.map(({ name, state, text }) => ({ name, state, ...(dryRun ? { text } : {}) }));
    return print(JSON.stringify({ folder, dryRun, answers, files: shown }));
  }
  if (dryRun) {
    for (const { name, state, text } of files) print(`==> ${name}: ${wouldText(state, force)}\n${text}`);
    return note(`Nothing was written to ${folder}: this is a dry run`);
  }
  for (const { name, state } of files) print(`${name}: ${doneText(state)}`);
  note(`${folder} is ready: its README.md says what to do next`);
}

function wouldText(state: FileState, force: boolean): string {
  if (state === "exists") return force ? "would be replaced" : "exists with another text: --force would replace it";
  return { new: "would be written", same: "is there already", kept: "is there, and would be kept" }[state];
}

function doneText(state: FileState): string {
  return { new: "written", same: "was there already", kept: "kept as it was", exists: "replaced" }[state];
}

function terminal(): Dialog {
  return { input: process.stdin, output: process.stderr };
}
