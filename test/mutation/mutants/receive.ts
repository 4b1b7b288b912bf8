import type { MutatedFile } from "../mutant.ts";

/** src/receive */
export const receive: readonly MutatedFile[] = [
  {
    file: "src/receive/signature.ts",
    tests: ["receive/signature", "handler"],
    mutants: [
      { from: "{1,64}$/i", to: "{1,64}$/", what: "upper case in a signature is refused" },
      { from: "{1,64}$/i", to: "{64}$/i", what: "a signature without its leading zeros is refused" },
      { from: "{1,64}$/i", to: "{0,64}$/i", what: "an empty signature is well-formed" },
      { from: "{1,64}$/i", to: "{1,65}$/i", what: "a signature of 65 characters is well-formed" },
      { from: "padStart(64", to: "padEnd(64", what: "zeros are put behind" },
      { from: "header.toLowerCase()", to: "header", what: "upper case stays" },
      {
        from: "if (isEqualInConstantTime(made, signature)) return true;",
        to: "return isEqualInConstantTime(made, signature);",
        what: "only the first secret is tried",
      },
      { from: "  }\n  return false;", to: "  }\n  return true;", what: "every signature is right" },
      { from: "secrets.slice(index + 1)", to: "secrets.slice(index + 2)", what: "crypto.subtle: a secret is left out" },
      { from: "isEqualInConstantTime(await made, signature) ||", to: "", what: "crypto.subtle: the first is left out" },
    ],
  },
  {
    file: "src/text.ts",
    tests: ["receive/signature", "handler"],
    mutants: [
      { from: "difference |= ", to: "difference = ", what: "only the last character of a signature is compared" },
    ],
  },
  {
    file: "src/receive/hashes.ts",
    tests: ["receive/signature", "handler"],
    mutants: [
      { from: "if (keys.size >= MAX_KEYS) keys.clear();", to: "", what: "keys are kept for ever" },
      { from: "of body.list) hmac", to: "of body.list.slice(0, 1)) hmac", what: "only the first part is signed" },
      { from: 'padStart(2, "0")', to: 'padStart(1, "0")', what: "crypto.subtle: zeros are dropped" },
      {
        from: "return keys.get(secret) ?? keep(",
        to: "return [...keys.values()][0] ?? keep(",
        what: "the key of another secret is used",
      },
    ],
  },
  {
    file: "src/receive/challenge.ts",
    tests: ["receive/challenge", "handler"],
    mutants: [
      { from: "{1,256}", to: "{1,257}", what: "257 characters" },
      { from: "{1,256}", to: "{1,255}", what: "not 256 characters" },
      { from: "{1,256}", to: "{0,256}", what: "an empty one" },
      { from: "\\x21-", to: "\\x20-", what: "a blank in it" },
      { from: " || body?.webhookId == null", to: "", what: "a body without webhookId is one" },
      {
        from: "if (header === null && (body?.events ?? body?.newWebhookStatus) != null) return undefined;",
        to: "",
        what: "a callback with a member challenge is one",
      },
      { from: "inBody !== undefined && inBody !== challenge", to: "false", what: "header and body may differ" },
      { from: "header ?? inBody;", to: "inBody;", what: "the header alone is none" },
    ],
  },
  {
    file: "src/receive/whose.ts",
    tests: ["receive/whose", "handler"],
    mutants: [
      { from: "isListed && isKnown", to: "isListed || isKnown", what: "either is enough" },
      { from: 'if (webhookId !== undefined) return "foreign";', to: "", what: "an id that isn't ours is answered" },
      { from: "isChallenge && named != null", to: "named != null", what: "a callback with a broken id is foreign" },
      { from: "isChallenge && named != null", to: "isChallenge", what: "a challenge without an id is foreign" },
    ],
  },
  {
    file: "src/receive/secrets.ts",
    tests: ["receive/secrets", "handler"],
    mutants: [
      { from: "list.length > 10", to: "list.length > 11", what: "11 secrets" },
      { from: "list.length > 10", to: "list.length >= 10", what: "not 10 secrets" },
      { from: "&& secret.trim())", to: "&& secret)", what: "a blank secret is one" },
      { from: "for (const secret of list) registerSecret(secret);", to: "", what: "secrets may stand in logs" },
      { from: "return [...list];", to: "return list;", what: "a list that is changed later changes the secrets" },
      { from: "found == null ? undefined", to: "found === undefined ? undefined", what: "null isn't undefined" },
      {
        from: "(id) => id === undefined ? undefined : secrets(id)",
        to: "(id) => secrets(id as number)",
        what: "a function is asked without an id",
      },
      {
        from: "(`secrets(${webhookId})`, found, 0)",
        to: "(`secrets(${webhookId})`, found)",
        what: "no secret yet is an error",
      },
    ],
  },
  {
    file: "src/receive/body_budget.ts",
    tests: ["receive/body_budget", "receive/body", "handler"],
    mutants: [
      { from: "held + bytes > maxBytes", to: "held + bytes >= maxBytes", what: "the last byte isn't used" },
      { from: "if (ageMs < GRACE_MS) break;", to: "", what: "a body that has just begun is cut" },
      { from: "if (each.bytes / ageMs < lowest) {", to: "if (!found) {", what: "the oldest is cut, not the slowest" },
      { from: "held -= over.bytes;", to: "", what: "what has ended stays counted" },
      { from: "over.bytes = 0;", to: "", what: "what has ended is subtracted twice" },
      { from: "if (own.isOver) return;", to: "", what: "what was cut is counted again" },
      { from: "if (!slow || slow === own) throw full();", to: "if (!slow) throw full();", what: "a body cuts itself" },
      { from: "reading.size >= maxReading", to: "reading.size > maxReading", what: "one body more is read" },
      { from: "complete: () => void reading.delete(own),", to: "complete() {},", what: "a body that is there is cut" },
      { from: "cut(slowest() ?? oldest!);", to: "cut(oldest!);", what: "the oldest gives its place, not the slowest" },
    ],
  },
  {
    file: "src/receive/body.ts",
    tests: ["receive/body", "handler"],
    mutants: [
      {
        from: "if (Number(declared) > maxBytes) {",
        to: "if (Number(declared) >= maxBytes) {",
        what: "a body at the limit is refused",
      },
      { from: "if (size > maxBytes)", to: "if (size >= maxBytes)", what: "pieces at the limit are refused" },
      { from: "if (size > maxBytes) throw tooLarge(maxBytes);", to: "", what: "pieces have no limit" },
      {
        from: "if (buffer.byteLength > maxBytes) throw tooLarge(maxBytes);",
        to: "",
        what: "a wrong length is believed",
      },
      { from: "account.add(buffer.byteLength);", to: "", what: "small bodies aren't counted" },
      { from: ' && !headers.has("content-encoding")', to: "", what: "a decompressed body is read at once" },
      {
        from: "    clearTimeout(timer);",
        to: "",
        what: "a timer stays behind each body",
        survives: "no answer differs: a process that has ended its work stays up to 10 s longer",
      },
      { from: "if (failure) throw failure;", to: "", what: "a body that was cut counts as whole" },
      {
        from: "if (isKept && body.size === 0 && Number(declared) > 0) throw consumed();",
        to: "",
        what: "a body that was read before counts as empty",
      },
      { from: "chunks > MANY_CHUNKS && ", to: "false && ", what: "a million chunks of one byte" },
      { from: "chunks > MANY_CHUNKS && ", to: "", what: "one small chunk is refused" },
      { from: "  account.onCut(cut);", to: "", what: "a body in pieces can't be cut" },
    ],
  },
  {
    file: "src/receive/find_webhook_id.ts",
    tests: ["receive/find_webhook_id", "handler"],
    mutants: [
      { from: "depth !== 1 || ", to: "", what: "a nested webhookId is the hint" },
      { from: "if (body[at] === BACKSLASH) at++;", to: "", what: "an escaped quote ends a string" },
      { from: "end.lastIndexOf(", to: "end.indexOf(", what: "the first in the tail is the hint" },
      { from: " || number[0].length === LONGEST_NUMBER", to: "", what: "a number that was cut is the hint" },
      { from: "at += 6", to: "at += 5", what: "escapes in the key" },
      {
        from: "if (body[colon] === COLON) return colon;",
        to: "return colon;",
        what: "a value that looks like the key",
      },
      { from: "return at === end;", to: "return true;", what: "a longer key" },
    ],
  },
  {
    file: "src/receive/problem.ts",
    tests: ["receive/refusal", "handler"],
    mutants: [
      { from: '    headers: { "retry-after": "30" },', to: "", what: "503 without Retry-After" },
      { from: '    headers: { allow: "POST" },', to: "", what: "405 without Allow" },
      { from: "as ProblemStatus : 503", to: "as ProblemStatus : 400", what: "what has no status is 400" },
      { from: '"application/problem+json"', to: '"application/json"', what: "another content type" },
    ],
  },
  {
    file: "src/receive/refusal.ts",
    tests: ["receive/refusal", "handler"],
    mutants: [
      { from: "< 60_000", to: "< 0", what: "each refusal in a flood is logged" },
      { from: "    lastAt = now();", to: "", what: "nothing is kept for a minute" },
      { from: 'code === "bodies_full"', to: "false", what: "a flood of bodies is logged" },
    ],
  },
];
