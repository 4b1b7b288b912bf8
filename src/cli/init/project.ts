import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Answers } from "./answers.ts";
import { composeText } from "./files/compose.ts";
import { dockerfileText } from "./files/dockerfile.ts";
import { envExampleText } from "./files/env_example.ts";
import { handlersText } from "./files/handlers.ts";
import { dockerignoreText, gitignoreText } from "./files/ignored.ts";
import { manifestText } from "./files/manifest.ts";
import { readmeText } from "./files/readme.ts";
import { unitText } from "./files/unit.ts";

/** A file that `init` writes. */
export interface ProjectFile {
  /** In the folder. */
  readonly name: string;
  readonly text: string;
  /** One that is there already is left as it is: it belongs to more than sheethook. */
  readonly keep?: boolean;
}

/** The files that fit the answers. `folder` is an absolute path, maybe of a folder that isn't there yet. */
export function projectFiles(answers: Answers, folder: string): ProjectFile[] {
  const module = `handlers.${extensionOf(answers, folder)}`;
  const manifests: readonly string[] = answers.runtime === "deno" ? ["deno.json", "deno.jsonc"] : ["package.json"];
  const manifest = manifests.find((name) => existsSync(join(folder, name))) ?? manifests[0]!;
  const names = { module, manifest };
  return [
    { name: module, text: handlersText(answers) },
    { name: manifest, text: manifestText(answers, basename(folder), module), keep: true },
    { name: ".env.example", text: envExampleText(answers) },
    { name: "sheethook.service", text: unitText(answers, module) },
    { name: "Dockerfile", text: dockerfileText(answers, names) },
    { name: ".dockerignore", text: dockerignoreText() },
    { name: "compose.yaml", text: composeText(answers) },
    { name: "README.md", text: readmeText(answers, names) },
    { name: ".gitignore", text: gitignoreText(), keep: true },
  ];
}

/** Node takes `handlers.ts` for CommonJS, unless the package says that its modules aren't. */
function extensionOf({ runtime, language }: Answers, folder: string): string {
  const manifest = join(folder, "package.json");
  if (runtime !== "node" || !existsSync(manifest)) return language;
  try {
    if (JSON.parse(readFileSync(manifest, "utf8")).type === "module") return language;
  } catch {
    // Whatever it is, it doesn't say so.
  }
  return `m${language}`;
}
