import { build } from "esbuild";
import { gzipSync } from "node:zlib";
import { root } from "../tasks/run_command.ts";

/** Bytes of what a program that exports `source` loads: bundled for the web, minified, gzipped. */
export async function bundleSize(source: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    write: false,
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}
