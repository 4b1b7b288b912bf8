import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { root } from "../tasks/run_command.ts";

export interface Document {
  /** From the project's folder, e.g. `src/serve/README.md`. */
  readonly path: string;
  readonly text: string;
}

/** What users read: README.md, the READMEs of the rooms and of test/embed, TROUBLESHOOTING.md. */
export async function documents(): Promise<Document[]> {
  const found = ["README.md"];
  for (const folder of ["src", "test/embed"]) {
    const names = await readdir(join(root, folder), { recursive: true });
    found.push(
      ...names.filter((name) => name.endsWith(".md")).map((name) => `${folder}/${name.replaceAll(sep, "/")}`).sort(),
    );
  }
  return Promise.all(found.map(async (path) => ({ path, text: await readFile(join(root, path), "utf8") })));
}

export interface Block {
  readonly path: string;
  readonly language: string;
  /** What stands behind the language: `ignore` for what isn't run. */
  readonly attributes: string;
  readonly code: string;
}

/** Their blocks of code. */
export async function codeBlocks(): Promise<Block[]> {
  const blocks = /^```(\w*) ?([^\n]*)\n([^]*?)^```$/gm;
  return (await documents()).flatMap(({ path, text }) =>
    [...text.matchAll(blocks)].map(([, language = "", attributes = "", code = ""]) => ({
      path,
      language,
      attributes,
      code,
    }))
  );
}
