import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { findFreePort } from "../serve/client.ts";
import { startServe } from "../support/run_cli.ts";
import { type Child, startChild } from "../support/runtime.ts";
import { until } from "../support/until.ts";
import { WEBHOOKS } from "./requests/callback.ts";

/** A server that is sent requests. */
export interface Target {
  readonly child: Child;
  readonly port: number;
  /** The hosts of test/embed have other paths, and no metrics. */
  readonly isEmbedded: boolean;
  /** Its metrics, by name with labels; none where it is embedded. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  /** The callbacks that it still owes. */
  pending(): Promise<number>;
  /** The bodies that it holds; undefined where they were in its memory. Once it has stopped. */
  bodies(): string[] | undefined;
  /** Ends whatever is left of it. */
  close(): Promise<void>;
}

/** Starts `serve`, with the door of the runtime that this runs on, and an inbox in memory or in a file. */
export async function startTarget(inbox: "memory" | "sqlite", logLevel: "info" | "error"): Promise<Target> {
  const { folder, secretsFile, close } = await makeFolder();
  const file = join(folder, "inbox.db");
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

  async function metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
    return new Map([...text.matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm)].map(([, name, value]) => [name!, Number(value)]));
  }

  return {
    child,
    port: Number(new URL(child.url).port),
    isEmbedded: false,
    metrics,
    pending: async () => (await metrics()).get("sheethook_pending_callbacks") ?? NaN,
    bodies: () => inbox === "memory" ? undefined : bodiesIn(file, "true"),
    close: () => child.kill().then(close),
  };
}

/** Starts a host of test/embed, which has a SQLite inbox. */
export async function startEmbedded(host: string): Promise<Target> {
  const { folder, close } = await makeFolder();
  const file = join(folder, "sheethook.db");
  const port = await findFreePort();
  const child = await startChild(new URL(`../embed/${host}.ts`, import.meta.url), [], {
    env: { PORT: String(port) },
    cwd: folder,
    permissions: ["--allow-net", "--allow-env", "--allow-read", "--allow-write"],
    ready: /^()/,
  });
  await until("it answers", () => fetch(`http://127.0.0.1:${port}`).then((answer) => answer.ok, () => false));
  return {
    child,
    port,
    isEmbedded: true,
    metrics: async () => new Map(),
    pending: async () => bodiesIn(file, "state = 'pending'").length,
    bodies: () => bodiesIn(file, "true"),
    close: () => child.kill().then(close),
  };
}

async function makeFolder(): Promise<{ folder: string; secretsFile: string; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-fuzz-"));
  const secretsFile = join(folder, "sheethook.secrets.json");
  await writeFile(secretsFile, JSON.stringify(Object.fromEntries(WEBHOOKS)));
  return { folder, secretsFile, close: () => rm(folder, { recursive: true }) };
}

function bodiesIn(file: string, condition: string): string[] {
  const database = new DatabaseSync(file);
  try {
    database.exec("pragma busy_timeout = 2000");
    return database.prepare(`select body from callbacks where ${condition}`).all().map(({ body }) => body as string);
  } finally {
    database.close();
  }
}
