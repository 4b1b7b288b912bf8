import type { AcceptedCallback } from "../callback/callback.ts";
import type { PostgresConnection } from "./postgres_connection.ts";
import { createGather } from "./postgres_gather.ts";
import type { postgresStatements } from "./postgres_statements.ts";
import { storable } from "./postgres_text.ts";

const MAX_BATCH = 256;
const MAX_KNOWN = 100_000;
/** A batch is one message to Postgres. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** `put`: what has gathered is one transaction, and one sync of Postgres' disk. */
export function createAccept(
  { connection, statements, channel, owner, now }: {
    readonly connection: PostgresConnection;
    readonly statements: ReturnType<typeof postgresStatements>;
    readonly channel: string;
    /** What is said in the channel: who. */
    readonly owner: string;
    readonly now: () => number | null;
  },
): (callback: AcceptedCallback) => Promise<"stored" | "duplicate"> {
  /** Lanes that are there: none is ever deleted. */
  const known = new Set<number>();
  return createGather<AcceptedCallback, "stored" | "duplicate">(newBatch, async (batch) => {
    const lanes = [...new Set(batch.map(({ scopeObjectId }) => scopeObjectId))];
    const made = lanes.every((lane) => known.has(lane)) ? [] : [{ text: statements.makeLanes, values: [lanes] }];
    const results = await connection.transaction(
      ...made,
      { text: statements.lockLanes, values: [lanes] },
      { text: statements.insert, values: [JSON.stringify(batch.map(rowOf)), now(), channel, owner] },
    );
    if (known.size > MAX_KNOWN) known.clear();
    for (const lane of lanes) known.add(lane);
    const [{ given, inserted }] = results.at(-1) as unknown as [{ given: number[]; inserted: number[] }];
    const stored = new Set(inserted);
    return given.map((id) => stored.has(id) ? "stored" : "duplicate");
  });
}

function newBatch(): (callback: AcceptedCallback) => boolean {
  let count = 0;
  let characters = 0;
  return ({ body }) => {
    characters += body.length;
    return ++count === 1 || (count <= MAX_BATCH && characters <= MAX_CHARACTERS);
  };
}

function rowOf(callback: AcceptedCallback, n: number) {
  const { webhookId, nonce, timestamp, scopeObjectId, body, digest, acceptedAt } = callback;
  return {
    n,
    webhook_id: webhookId,
    nonce: storable(nonce),
    timestamp: storable(timestamp),
    lane: scopeObjectId,
    body: storable(body),
    digest,
    accepted_at: Math.round(acceptedAt),
  };
}
