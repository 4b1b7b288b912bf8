import { Buffer } from "node:buffer";
import { runtime } from "../support/runtime.ts";
import type { Wrong } from "./client.ts";
import type { FuzzOptions } from "./run_fuzz.ts";

const SHOWN_BYTES = 1500;

/** What didn't hold, what was sent, what came, and how to do it again. */
export function failureText(
  { fuzzCase: { number, kind, pieces }, what, got, before }: Wrong,
  { seed, door, inbox }: Pick<FuzzOptions, "seed" | "door" | "inbox">,
): string {
  const came = typeof got === "object"
    ? [got.status, ...[...got.headers].map((header) => header.join(": ")), shown(got.body)].join("\n    ")
    : got ?? "see above";
  return [
    `number ${number} (${kind}): ${what}`,
    `  sent: ${shown(Buffer.concat(pieces))}`,
    `  got: ${came}`,
    `  before it on the connection: ${before ? `number ${before.number} (${before.kind})` : "nothing"}`,
    `  again: npm run fuzz -- --seed ${seed} --runtime ${runtime} --door ${door} --inbox ${inbox} --only ${number}`,
  ].join("\n");
}

function shown(bytes: Buffer): string {
  const text = JSON.stringify(bytes.toString("latin1", 0, SHOWN_BYTES));
  return bytes.length > SHOWN_BYTES ? `${text} and ${bytes.length - SHOWN_BYTES} bytes more` : text;
}
