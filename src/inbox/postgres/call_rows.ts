import { createHash } from "node:crypto";
import { errorKey } from "../error_key.ts";
import type { Position } from "../inbox.ts";
import { storable } from "./statements/sql.ts";

interface Ended {
  readonly call: Position;
  readonly handler: string;
  readonly error?: string | undefined;
}

/** Rows of the calls of one callback, and of the errors that they died of: each text once. */
export function createCallRows() {
  const errors = new Map<string, { readonly digest: string; readonly key: string; readonly text: string }>();

  function errorDigest(text: string): string {
    const known = errors.get(text) ?? { digest: digestOf(text), key: keyOf(text), text };
    errors.set(text, known);
    return known.digest;
  }

  return {
    errorRows: () => [...errors.values()],

    callRow: ({ call, handler, error }: Ended) => ({
      digest: digestOf(JSON.stringify([call.event, handler])),
      call: JSON.stringify(call),
      handler: JSON.stringify(handler),
      error: error === undefined ? null : errorDigest(storable(error)),
    }),
  };
}

/** What equal errors share, as it is stored. */
export function keyOf(error: string): string {
  return storable(errorKey(error));
}

/** A name or an error may be too long for an index. */
function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
