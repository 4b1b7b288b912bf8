import type { MutatedFile } from "../mutant.ts";

const FORWARD = ["forward/forward", "forward/answers", "forward/targets"];

/** src/forward, src/api */
export const outbound: readonly MutatedFile[] = [
  {
    file: "src/forward/answer.ts",
    tests: FORWARD,
    mutants: [
      { from: "status >= 200 && status < 300", to: "status === 200", what: "204 is a failure" },
      { from: "status < 300) return;", to: "status <= 300) return;", what: "300 is done" },
      { from: "if (status === 410) throw", to: "if (false) throw", what: "410 is a failure" },
      {
        from: "(status === 429 || status === 503) && askedMs",
        to: "status === 429 && askedMs",
        what: "503 doesn't wait",
      },
      {
        from: "(status === 429 || status === 503) && askedMs",
        to: "(status === 429 || status === 503) && askedMs !== undefined",
        what: "Retry-After: 0 uses the attempts up",
      },
      { from: '.replace(/[?#].*$/s, "")', to: "", what: "the query of a redirect is shown" },
    ],
  },
  {
    file: "src/forward/signature.ts",
    tests: FORWARD,
    mutants: [
      { from: "`${id}.${timestamp}.${body}`", to: "`${id}.${body}`", what: "the time isn't signed" },
      { from: '.join(" ")', to: '.join(",")', what: "signatures with a comma between" },
      { from: "  registerSecret(base64);\n", to: "", what: "the bare secret may stand in logs" },
      {
        from: "  registerSecret(secret as string);\n",
        to: "",
        what: "the secret may stand in logs",
      },
      { from: "|| !bytes?.length", to: "", what: "an empty secret" },
    ],
  },
  {
    file: "src/forward/post.ts",
    tests: FORWARD,
    mutants: [
      { from: 'redirect: "manual"', to: 'redirect: "follow"', what: "redirects are followed" },
      {
        from: "    signal.throwIfAborted();\n    const ended",
        to: "    const ended",
        what: "a request goes out though the lease is lost",
      },
      { from: 'signal.addEventListener("abort", abort);', to: "", what: "a lost lease doesn't end the request" },
      {
        from: "await deadline(fetch(target.url, init), timeoutMs)",
        to: "await fetch(target.url, init)",
        what: "a target that gives no answer is waited for",
      },
      { from: "      ended.abort();\n", to: "", what: "what of an answer wasn't read stays open" },
      { from: "      await read(response);\n", to: "", what: "a connection isn't used again" },
      { from: "Math.floor(now() / 1000)", to: "now()", what: "the timestamp is in milliseconds" },
      { from: "    await rate(signal);\n", to: "", what: "the rate is ignored" },
      {
        from: "encodeURIComponent(text.toWellFormed())",
        to: "encodeURIComponent(text)",
        what: "half a surrogate pair in a nonce",
      },
    ],
  },
  {
    file: "src/forward/rate.ts",
    tests: FORWARD,
    mutants: [
      { from: "nextAt = at + gapMs;", to: "nextAt = now + gapMs;", what: "those that wait go out together" },
      { from: "await delay(at - now, signal)", to: "await delay(at - now)", what: "an attempt that has ended waits" },
    ],
  },
  {
    file: "src/api/budget.ts",
    tests: ["api/budget", "api/api", "api/sheets"],
    mutants: [
      { from: "if (room < 0) {", to: "if (room <= 0) {", what: "one request less a minute" },
      { from: "if (room < 0) {", to: "if (room < -1) {", what: "one request more a minute" },
      { from: "at > start - WINDOW_MS", to: "at > start", what: "what was sent in this minute is forgotten" },
      { from: "WINDOW_MS = 61_000", to: "WINDOW_MS = 59_000", what: "a minute of 59 s" },
      { from: "pausedUntil -= back;", to: "", what: "a pause is longer where the clock is set back" },
      {
        from: "for (const slot of slots) slot.at -= back;",
        to: "",
        what: "slots are later where the clock is set back",
      },
      { from: "Math.ceil(limit * 4 / 5)", to: "limit", what: "low priority takes all" },
      {
        from: "isLow ? [] : removeWaiting(start, ({ isLow }) => isLow)",
        to: "[]",
        what: "low priority isn't overtaken",
      },
      { from: "Math.min(cost, most)", to: "cost", what: "what costs more than the limit waits for ever" },
      {
        from: "slots = slots.filter((other) => other !== slot);",
        to: "",
        what: "a call that was given up keeps its slot",
      },
      { from: "      signal?.throwIfAborted();\n", to: "", what: "a call that was given up before takes a slot" },
      { from: "isLow ? lowPausedUntil : 0", to: "0", what: "low priority isn't paused" },
    ],
  },
  {
    file: "src/api/retry.ts",
    tests: ["api/api"],
    mutants: [
      { from: " || error.errorCode === 4003", to: "", what: "error 4003 is no rate limit" },
      {
        from: "return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);",
        to: "return retryAfterMs;",
        what: "a Retry-After of hours is waited for",
      },
      {
        from: "if ([4001, 4002, 4004].includes(errorCode)) return askedMs ?? backoffMs;",
        to: "",
        what: "a POST that failed at Smartsheet isn't sent again",
      },
      { from: "[4001, 4002, 4004]", to: "[4000, 4001, 4002, 4004]", what: "a POST is sent twice after 4000" },
      {
        from: "if (errorCode >= 1150 && errorCode <= 1159) return undefined;",
        to: "",
        what: "what would fail again is sent again",
      },
      {
        from: "(status >= 500 || errorCode === 4000) && repeatable",
        to: "(status >= 500 || errorCode === 4000)",
        what: "a POST is sent twice after 500",
      },
      {
        from: "return repeatable ? backoffMs : undefined;",
        to: "return backoffMs;",
        what: "a POST without an answer is sent twice",
      },
      { from: "1000 * 2 ** retries", to: "1000", what: "no backoff" },
    ],
  },
  {
    file: "src/api/retry_after.ts",
    tests: ["api/api", "forward/answers"],
    mutants: [
      { from: "Number(header) * 1000", to: "Number(header)", what: "seconds are milliseconds" },
      { from: "Math.max(date - now, 0)", to: "date - now", what: "a date that is past" },
    ],
  },
  {
    file: "src/api/rate_limit.ts",
    tests: ["api/rate_limit", "api/api", "api/budget", "api/sheets"],
    mutants: [
      { from: "if (!(until > now)) return undefined;", to: "", what: "a period that is over" },
      { from: "Math.min(until, now + MAX_WAIT_MS)", to: "until", what: "a pause of hours" },
      {
        from: "number > 1e11 ? number : number > 1e9 ? number * 1000",
        to: "number > 1e9 ? number",
        what: "seconds since 1970",
      },
      { from: "|| Number.isNaN(Number(remaining))", to: "", what: "a count that is none" },
    ],
  },
  {
    file: "src/api/request.ts",
    tests: ["api/rate_limit", "api/api", "api/budget", "api/sheets"],
    mutants: [
      { from: 'redirect: "manual"', to: 'redirect: "follow"', what: "a redirect takes the token elsewhere" },
      { from: 'method === "GET" || method === "PUT"', to: "true", what: "a POST is repeatable" },
      {
        from: "if (isRateLimit(error)) budget.pause(now + rateLimitDelay(error), connection);",
        to: "",
        what: "429 doesn't pause the token",
      },
      {
        from: "if (readsSheet) await reads.take(1, Infinity, connection, options);",
        to: "",
        what: "reads of sheets don't wait for their limit",
      },
      {
        from: "await budget.take(cost, requestsPerMinute, connection, options);",
        to: "void budget.take(cost, requestsPerMinute, connection, options);",
        what: "the budget isn't waited for",
      },
      {
        from: "if (remaining < limit / 5) limited.pause",
        to: "if (false) limited.pause",
        what: "low priority takes the last fifth",
      },
      {
        from: "if (remaining >= cost) return;",
        to: "if (remaining > 0) return;",
        what: "reads go on until nothing is left",
      },
      {
        from: "            signal?.throwIfAborted();\n",
        to: "",
        what: "a call that was given up is sent again",
        survives: "equivalent: the budget takes no call whose signal has aborted",
      },
      {
        from: "if (signal?.aborted) throw signal.reason;",
        to: "",
        what: "a call that was given up rejects with something else",
      },
      { from: "limit: attempts - 1,", to: "limit: attempts,", what: "one attempt more" },
    ],
  },
  {
    file: "src/api/list_pages.ts",
    tests: ["api/api", "api/containers", "api/sheets"],
    mutants: [
      { from: "if (text === before) return;", to: "", what: "a page that repeats is read for ever" },
      { from: "data.length < given ||", to: "data.length <= given ||", what: "only the first page" },
      { from: "page >= totalPages", to: "page > totalPages", what: "one page too many" },
      { from: "Math.min(pageSize, asked)", to: "asked", what: "a smaller page size than was asked for ends the list" },
    ],
  },
];
