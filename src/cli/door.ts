import process from "node:process";
import { messageOf } from "../errors.ts";
import type { ServeOptions, Server } from "../serve/options.ts";

/** The runtime that this process runs on. Bun and Deno tell a version of Node, too, so they are asked first. */
export function currentRuntime(): "node" | "deno" | "bun" {
  if (process.versions.bun) return "bun";
  return process.versions.deno ? "deno" : "node";
}

/**
 * Opens the door of this runtime: the one place that chooses.
 *
 * @throws {Error} if the port or the certificate can't be had: no wrong usage, but a failure
 */
export async function openDoor(options: ServeOptions): Promise<Server> {
  const { serve } = await importDoor();
  try {
    return await serve(options);
  } catch (cause) {
    // In the words of the command line.
    const message = messageOf(cause).replace(/^certFile\b/, "--cert").replace(/^keyFile\b/, "--key");
    throw new Error(message, { cause });
  }
}

function importDoor(): Promise<{ serve: (options: ServeOptions) => Promise<Server> }> {
  switch (currentRuntime()) {
    case "deno":
      return import("../serve/deno.ts");
    case "bun":
      return import("../serve/bun.ts");
    case "node":
      return import("../serve/node.ts");
  }
}
