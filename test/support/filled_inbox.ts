import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after } from "node:test";
import type { EndedCall, Inbox, Outcome } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { acceptedCallback, callbackBody } from "./callbacks.ts";
import { runtime } from "./runtime.ts";

const folder = mkdtempSync(join(tmpdir(), "sheethook-console-"));
const removeFolder = () => rmSync(folder, { recursive: true, force: true });
// Bun runs all files of tests in one process: the first of them would take the folder along.
if (runtime === "bun") process.on("exit", removeFolder);
else after(removeFolder);
let files = 0;

/** What the handler of a dead letter said. */
export const ERROR = "Error: The ERP answered 500 for jane@example.com\n    at <script>alert(1)</script>";

/** An inbox in a file that is gone after the tests, and ways to fill it. */
export interface FilledInbox {
  readonly inbox: Inbox & InspectableInbox;
  /** Stores a callback, and ends its first attempt so; without an outcome it stays pending. @returns its number */
  put(outcome?: Outcome, attributes?: Record<string, unknown>): Promise<number>;
}

export const dead: Outcome = {
  kind: "dead",
  error: ERROR,
  position: { event: 0, handler: 1, fingerprint: "f" },
};
/** A dead letter whose events died of these errors, each in its second handler. */
export function deadOf(...errors: string[]): Outcome {
  const ended = errors.map((error, event): EndedCall => ({
    ...{ call: { event, handler: 1, fingerprint: "f" }, handler: "row.* placeOrder#1", attempt: 3 },
    error: `${error}\n    at place (orders.ts:7:9)`,
  }));
  return { kind: "dead", ended };
}

export const failed: Outcome = {
  kind: "failed",
  error: ERROR,
  retryAfterMs: 3_600_000,
  position: { event: 0, handler: 1, fingerprint: "f" },
};
export const done: Outcome = { kind: "done" };

/** @param inbox a new one. @default a SQLite inbox */
export function filledInbox(
  inbox: FilledInbox["inbox"] = sqliteInbox(join(folder, `${++files}.db`)),
): FilledInbox {
  let last = 0;
  return {
    inbox,
    async put(outcome, attributes = {}) {
      const id = ++last;
      const nonce = `nonce ${id}`;
      const body = callbackBody({ nonce, scopeObjectId: 1000 + id, ...attributes });
      await inbox.put(acceptedCallback({ acceptedAt: Date.now(), digest: nonce }, body));
      if (!outcome) return id;
      for (const lease of await inbox.lease(100, 20_000)) {
        const work = await inbox.take(lease);
        if (work?.id === id) {
          if (outcome.kind === "dead") {
            await inbox.saveStep(lease, work, JSON.stringify([0, "row.* placeOrder#1", "order"]), "4711");
          }
          await inbox.finish(lease, work, outcome);
        } else if (work) {
          await inbox.finish(lease, work, { kind: "paused", position: { event: 0, handler: 0, fingerprint: "f" } });
        }
        await inbox.release(lease);
      }
      return id;
    },
  };
}
