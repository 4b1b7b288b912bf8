import type { AcceptedCallback } from "../../callback/callback.ts";
import type { Inbox } from "../inbox.ts";
import type { PostgresConnection } from "./connection.ts";
import { createBatches } from "./batch.ts";
import { acceptStatements } from "./statements/accept.ts";
import { type StatementContext, storable } from "./statements/sql.ts";

const MAX_BATCH = 256;
const MAX_KNOWN = 100_000;
/** A batch is one message to Postgres. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** No webhook has that id: Smartsheet's are above 0. */
const PROBE: AcceptedCallback = {
  webhookId: 0,
  nonce: "",
  timestamp: "",
  scopeObjectId: 0,
  body: "",
  digest: "",
  acceptedAt: 0,
};

/** `put`, where all that has gathered is one transaction and one sync of Postgres' disk, and `check`, which tries it. */
export function createAccept(connection: PostgresConnection, context: StatementContext): Pick<Inbox, "put" | "check"> {
  const statements = acceptStatements(context);
  /** Lanes that exist: none is ever deleted. */
  const known = new Set<number>();
  /** False while a batch has failed: it may still run in Postgres, and others mustn't pile up behind it. */
  let isTrusted = true;

  function statementsOf(batch: readonly AcceptedCallback[]) {
    const lanes = [...new Set(batch.map(({ scopeObjectId }) => scopeObjectId))];
    const { rows, bodies } = pack(batch);
    return { lanes, makeLanes: statements.makeLanes(lanes), insert: statements.insert(rows, lanes, bodies) };
  }

  const put = createBatches<AcceptedCallback, "stored" | "duplicate">(newBatch, async (batch) => {
    const { lanes, makeLanes, insert } = statementsOf(batch);
    const canBeAlone = isTrusted && lanes.every((lane) => known.has(lane));
    isTrusted = false;
    let [found] = canBeAlone ? await connection.statement(insert) : [];
    // A known lane may be gone after a failover to a standby that hadn't seen it.
    if (!found?.count) [, [found]] = await connection.transaction(makeLanes, insert);
    isTrusted = true;
    if (known.size > MAX_KNOWN) known.clear();
    for (const lane of lanes) known.add(lane);
    if (!found?.given) return batch.map(() => "stored");
    const stored = new Set(found.inserted);
    return found.given.map((id) => stored.has(id) ? "stored" : "duplicate");
  });

  return {
    put,

    /** Runs what `put` runs and takes it back; then commits something else, to prove that Postgres can write. */
    async check() {
      const { makeLanes, insert } = statementsOf([PROBE]);
      await connection.transaction(
        { text: "savepoint probe", values: [] },
        makeLanes,
        insert,
        { text: "rollback to savepoint probe", values: [] },
        statements.check(),
      );
    },
  };
}

function newBatch(): (callback: AcceptedCallback) => boolean {
  let count = 0;
  let characters = 0;
  return ({ body }) => {
    characters += body.length;
    return ++count === 1 || (count <= MAX_BATCH && characters <= MAX_CHARACTERS);
  };
}

/** The bodies are joined; each row says where its own is. */
function pack(batch: readonly AcceptedCallback[]) {
  const parts = batch.map(({ body }) => encoder.encode(storable(body)));
  const bodies = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  const rows = batch.map(({ webhookId, nonce, timestamp, scopeObjectId, digest, acceptedAt, traceparent }, n) => {
    const { length } = parts[n]!;
    bodies.set(parts[n]!, end);
    end += length;
    return {
      n,
      webhook_id: webhookId,
      nonce: storable(nonce),
      timestamp: storable(timestamp),
      lane: scopeObjectId,
      // From 1.
      start: end - length + 1,
      length,
      digest,
      accepted_at: Math.round(acceptedAt),
      traceparent,
    };
  });
  return { rows, bodies };
}

const encoder = new TextEncoder();
