import { VERSION } from "../../version.ts";
import type { Answers } from "../answers.ts";

/** deno.json for Deno, package.json for the others. */
export function manifestText({ runtime, language }: Answers, folderName: string, module: string): string {
  const range = `^${VERSION}`;
  const serve = `serve ${module}`;
  if (runtime === "deno") {
    return jsonText({
      nodeModulesDir: "auto",
      imports: { sheethook: `npm:sheethook@${range}` },
      tasks: { start: `deno run --allow-env --allow-net --allow-read --allow-write npm:sheethook ${serve}` },
    });
  }
  // Node reads TypeScript by itself since 22.18.
  const node = language === "ts" ? ">=22.18" : ">=22.13";
  return jsonText({
    name: packageName(folderName),
    private: true,
    type: "module",
    ...(runtime === "node" ? { engines: { node } } : {}),
    scripts: { start: runtime === "bun" ? `bunx --bun sheethook ${serve}` : `sheethook ${serve}` },
    dependencies: { sheethook: range },
  });
}

/** npm takes nothing else as a name; and a package can't depend on one with its own name. */
function packageName(folderName: string): string {
  const name = folderName.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-").replaceAll(/^-+|-+$/g, "").slice(0, 100);
  return !name || name === "sheethook" ? "sheethook-handlers" : name;
}

function jsonText(json: unknown): string {
  return `${JSON.stringify(json, undefined, 2)}\n`;
}
