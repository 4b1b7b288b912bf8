import type { AcceptedCallback } from "../../callback/callback.ts";
import type { Inbox } from "../inbox.ts";
import type { Commit } from "./commit.ts";
import { nonceKey } from "./nonce_key.ts";
import type { SqliteStatements } from "./statements.ts";

/** `put`, and `check`, which tries whether the file can be written. */
export function createAccept(
  { commit, sql, now, wake }: {
    readonly commit: Commit;
    readonly sql: SqliteStatements;
    readonly now: () => number;
    /** Called when a lane may have become due. */
    readonly wake: () => void;
  },
): Pick<Inbox, "put" | "check"> {
  function insert(callback: AcceptedCallback): "stored" | "duplicate" {
    const { webhookId, nonce, timestamp, scopeObjectId, body, digest, acceptedAt, traceparent = null } = callback;
    const id = (sql.place.get() as { value: number }).value + 1;
    const key = nonceKey(callback);
    const at = Math.round(acceptedAt);
    const values = [webhookId, nonce, key, timestamp, scopeObjectId, body, digest, at, traceparent];
    if (!sql.insert.run(id, id, ...values).changes) return "duplicate";
    sql.setPlace.run(id);
    sql.addPending.run(scopeObjectId, now());
    return "stored";
  }

  return {
    async put(callback) {
      const outcome = await commit(() => insert(callback));
      if (outcome === "stored") wake();
      return outcome;
    },

    check: () => commit(() => void sql.touch.run()),
  };
}
