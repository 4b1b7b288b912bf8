import type { Command } from "commander";
import assert from "node:assert/strict";
import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { createReceiver } from "../../mod.ts";
import { createProgram } from "../../src/cli/program.ts";
import { codeBlocks, documents } from "../support/documents.ts";
import { root } from "../tasks/run_command.ts";

/** What calls the command: npx and bunx, a path, Deno's specifier, the script of a clone. */
const CALL =
  /(?:^|.*[\s"(])(?:(?:npx|bunx --bun) sheethook|npm run -s sheethook --|\S*\.bin\/sheethook|npm:sheethook|sheethook)(?=\s|$)(.*)$/;

/** The words of a shell's line, up to a comment, a pipe or a redirection. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) {
    if (/^(#|[|<>&;]|\d?>)/.test(word)) break;
    words.push(word.replace(/["']/g, ""));
  }
  return words;
}

/** The arguments of each call of the command in a text. */
function callsIn(code: string): string[][] {
  return code.replaceAll(/\\\n\s*/g, " ").split("\n").flatMap((line) => {
    // ["a", "b"] of a Dockerfile
    const asShell = line.replace(
      /\[("[^\]]*")\]/,
      (_, list: string) => list.replaceAll(/", *"/g, " ").replaceAll('"', ""),
    );
    const [, rest] = CALL.exec(asShell) ?? [];
    return rest === undefined || /^\s*#/.test(line) ? [] : [wordsOf(rest)];
  });
}

/** The commands that a text names in passing, such as `webhooks create`, maybe without their arguments. */
function mentionsIn(text: string): string[][] {
  const spans = text.replace(/^```[^]*?^```$/gm, "").matchAll(
    /`(?:npx )?(?:sheethook (?=\w)|(?=(?:webhooks|inbox|mirror) \w))([^`…]+)`/g,
  );
  return [...spans].map(([, words = ""]) => wordsOf(words));
}

/** What is wrong with a call; undefined if the program would take it. */
function problemOf(words: readonly string[], isMention = false): string | undefined {
  let command: Command = createProgram();
  let rest = [...words];
  while (command.commands.length) {
    const next = command.commands.find((command) => command.name() === rest[0]);
    if (!next) {
      return command.name() === "sheethook" && /^(help|--help|-v|--version)?$/.test(rest[0] ?? "")
        ? undefined
        : `${command.name()} has no command ${rest[0]}`;
    }
    command = next;
    rest = rest.slice(1);
  }
  try {
    command.exitOverride().configureOutput({ writeErr: () => {} });
    const { operands, unknown } = command.parseOptions(rest.filter((word) => word !== "--help"));
    if (unknown.length) return `${command.name()} has no option ${unknown[0]}`;
    const most = command.registeredArguments.some(({ variadic }) => variadic)
      ? Infinity
      : command.registeredArguments.length;
    if (operands.length > most) return `${command.name()} takes no argument ${operands[most]}`;
    const least = command.registeredArguments.filter(({ required }) => required).length;
    if (!isMention && operands.length < least && !rest.includes("--help")) {
      return `${command.name()} needs ${least} arguments`;
    }
  } catch (error) {
    return (error as Error).message;
  }
}

test("each call of the command in the documents has commands, arguments and options that exist", async () => {
  const calls = (await codeBlocks())
    .filter(({ language }) => ["sh", "ini", "dockerfile", "yaml"].includes(language))
    .flatMap(({ path, code }) => callsIn(code).map((words) => ({ path, words, isMention: false })));
  const mentions = (await documents())
    .flatMap(({ path, text }) => mentionsIn(text).map((words) => ({ path, words, isMention: true })));
  assert.ok(calls.length > 30 && mentions.length > 30, `only ${calls.length} and ${mentions.length} were found`);
  const problems = [...calls, ...mentions].flatMap(({ path, words, isMention }) => {
    const problem = problemOf(words, isMention);
    return problem ? [`${path}: sheethook ${words.join(" ")}: ${problem}`] : [];
  });
  assert.deepEqual(problems, []);
});

test("a call that the program wouldn't take is found", () => {
  for (
    const line of [
      "npx sheethook serv",
      "npx sheethook serve --prot 80",
      "npx sheethook inbox lst",
      "npx sheethook serve --port eighty",
      "npx sheethook webhooks create 1",
      'CMD ["node_modules/.bin/sheethook", "serve", "--prot"]',
    ]
  ) {
    const [words] = callsIn(line);
    assert.ok(words && problemOf(words), line);
  }
});

/** Everything that is written in a folder's programs. */
async function sourceOf(folder: string): Promise<string> {
  const names = (await readdir(join(root, folder), { recursive: true })).filter((name) => name.endsWith(".ts"));
  return (await Promise.all(names.map((name) => readFile(join(root, folder, name), "utf8")))).join("\n");
}

test("what TROUBLESHOOTING.md quotes of the log is what the log says", async () => {
  const source = (await sourceOf("src")).replaceAll(/(["`]) \+\s+\1/g, "");
  const text = await readFile(join(root, "src/TROUBLESHOOTING.md"), "utf8");
  const quotes = text.split(/^## /m).flatMap((section) => {
    const inTable = section.split("_Log_ ")[1]?.matchAll(/^\| (`.*?) +\|/gm) ?? [];
    const lines = [...inTable, ...section.matchAll(/_Log:_\s+((?:`[^`]+`[,\s]*)+)/g)].map(([, text = ""]) => text);
    return lines.flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, quote = ""]) => quote));
  });
  assert.ok(quotes.length > 20, `only ${quotes.length} quotes were found`);
  assert.deepEqual(quotes.filter((quote) => !source.includes(quote)), []);
});

test("each option and each variable that the documents name exists", async () => {
  const source = await sourceOf("src") + await sourceOf("test/embed");
  const missing = (await documents()).flatMap(({ path, text }) => {
    const variables = text.match(/\b(?:SHEETHOOK|SMARTSHEET)_[A-Z_]*[A-Z]\b/g) ?? [];
    const spans = [...text.replace(/^```[^]*?^```$/gm, "").matchAll(/`(--(?!allow-)[a-z-]+)[^`]*`/g)].map((
      [, option],
    ) => option!);
    return [...new Set([...variables, ...spans])].filter((name) => !source.includes(name)).map((name) =>
      `${path}: ${name}`
    );
  });
  assert.deepEqual(missing, []);
});

test("each option of createReceiver stands in a table", async () => {
  const [, list = ""] = throwsMessage(() => createReceiver({ foo: 1 } as never)).split("there are ");
  const options = list.split(", ");
  assert.ok(options.length > 15, list);
  const tables = (await documents()).flatMap(({ text }) => text.match(/^\| `.*$/gm) ?? []).join("\n");
  assert.deepEqual(options.filter((name) => !tables.includes(`\`${name}\``)), []);
});

function throwsMessage(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

test("links between the documents lead somewhere", async () => {
  const all = new Map((await documents()).map(({ path, text }) => [path, text]));
  const broken: string[] = [];
  for (const [path, text] of all) {
    for (const [, target = ""] of text.replace(/^```[^]*?^```$/gm, "").matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = "", anchor] = target.split("#");
      const there = file ? join(dirname(path), file) : path;
      const exists = await access(join(root, there)).then(() => true, () => false);
      const hasAnchor = !anchor || anchorsOf(all.get(there) ?? "").includes(anchor);
      if (!exists || !hasAnchor) broken.push(`${path}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.replace(/^```[^]*?^```$/gm, "").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-")
  );
}

test("README.md is short, and its architecture names every room", async () => {
  const { text } = (await documents()).find(({ path }) => path === "README.md")!;
  assert.ok(text.trimEnd().split("\n").length <= 250, "README.md has more than 250 lines");
  const entries = await readdir(join(root, "src"), { withFileTypes: true });
  const rooms = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const architecture = text.slice(text.indexOf("## Architecture"));
  assert.deepEqual(rooms.filter((room) => !architecture.includes(`\`${room}/\``)), []);
});
