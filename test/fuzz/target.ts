import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { findFreePort } from "../serve/client.ts";
import { startServe } from "../support/run_cli.ts";
import type { Child } from "../support/runtime.ts";
import { WEBHOOKS } from "./requests/callback.ts";

/** A server that is sent requests. */
export interface Target {
  readonly child: Child;
  readonly port: number;
  /** Its metrics: the sum of each name's values, and each value by its name with its labels. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  /** The bodies that it holds; undefined where they were in its memory. Once it has stopped. */
  bodies(): string[] | undefined;
  /** Ends whatever is left of it. */
  close(): Promise<void>;
}

/** Starts `serve`, with the door of the runtime that this runs on, and an inbox in memory or in a file. */
export async function startTarget(inbox: "memory" | "sqlite", logLevel: "info" | "error"): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-fuzz-"));
  const file = join(folder, "inbox.db");
  const secretsFile = join(folder, "sheethook.secrets.json");
  await writeFile(secretsFile, JSON.stringify(Object.fromEntries(WEBHOOKS)));
  const adminPort = await findFreePort();
  const handlers = fileURLToPath(new URL("./handlers.ts", import.meta.url));
  const child = await startServe([handlers, "--log-level", logLevel], {
    env: {
      SHEETHOOK_INBOX: inbox === "memory" ? "memory:" : `sqlite:${file}`,
      SHEETHOOK_SECRETS_FILE: secretsFile,
      SHEETHOOK_ADMIN_PORT: String(adminPort),
    },
    reads: [folder, handlers],
    writes: [folder],
    ready: /listening on (http:\S+\/webhook)/,
  });
  return {
    child,
    port: Number(new URL(child.url).port),
    async metrics() {
      const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
      const values = new Map<string, number>();
      for (const [, name = "", labels, value] of text.matchAll(/^(\w+)(\{.*\})? (\S+)$/gm)) {
        values.set(name, (values.get(name) ?? 0) + Number(value));
        if (labels) values.set(name + labels, Number(value));
      }
      return values;
    },
    bodies: () => inbox === "memory" ? undefined : bodiesIn(file),
    async close() {
      await child.kill();
      await rm(folder, { recursive: true });
    },
  };
}

function bodiesIn(file: string): string[] {
  const database = new DatabaseSync(file);
  try {
    return database.prepare("select body from callbacks").all().map(({ body }) => body as string);
  } finally {
    database.close();
  }
}
