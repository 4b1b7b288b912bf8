import process from "node:process";
import type { ServeOptions, Server } from "../serve/options.ts";

/** The runtime of this process. Bun and Deno report a version of Node too, so they are checked first. */
export function currentRuntime(): "node" | "deno" | "bun" {
  if (process.versions.bun) return "bun";
  return process.versions.deno ? "deno" : "node";
}

/** Whether a server that listens on `host` can be reached through every interface. */
export function isEveryInterface(host: string): boolean {
  return /^(0\.0\.0\.0|\[?::\]?)$/.test(host);
}

/**
 * Starts a server with the adapter of this runtime.
 *
 * @throws {SheethookError} `listen_failed` or `certificate_unusable` if the port or the certificate can't be used
 */
export async function startServer(options: ServeOptions): Promise<Server> {
  const { serve } = await importAdapter();
  return await serve(options);
}

function importAdapter(): Promise<{ serve: (options: ServeOptions) => Promise<Server> }> {
  switch (currentRuntime()) {
    case "deno":
      return import("../serve/deno.ts");
    case "bun":
      return import("../serve/bun.ts");
    case "node":
      return import("../serve/node.ts");
  }
}
