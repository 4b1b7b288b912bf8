import assert from "node:assert/strict";
import { test } from "node:test";
import { signBody } from "../../src/receive/signature.ts";
import { callbackBody, rowEvent, SECRET } from "../callbacks.ts";
import { withServe } from "./run_cli.ts";

const absent = "/nonexistent/secrets.json";

test("serve logs events that nobody has heard of, and no control character of theirs", async () => {
  const env = { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: absent };
  await withServe([], { env, reads: [absent] }, async (serve) => {
    const { id: _, userId: __, ...seat } = rowEvent(1, {
      objectType: "user",
      eventType: "seatType.updated",
      email: "hidden@example.com",
    });
    const forged = rowEvent(2, {
      objectType: "row\x1b[2J\n2026-01-01 00:00:00.000 info    forged line",
      timestamp: "never",
    });
    const body = callbackBody({ scope: "plan", scopeObjectId: 5, events: [seat, forged, {}, rowEvent(3)] });
    const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
    const response = await fetch(serve.url, { method: "POST", body, headers });
    await response.body?.cancel();
    assert.equal(response.status, 200);
    await serve.waitFor(/row\.updated row 3 by user 1 at 2025-09-17T13:08:55Z \(plan 5\)/);
    assert.match(serve.output, /user\.seatType\.updated user by user unknown at 2025-09-17T13:08:55Z \(plan 5\)/);
    assert.match(serve.output, /forged line\.updated .* at an unknown time/);
    assert.ok(!serve.output.includes("\x1b"));
    assert.doesNotMatch(serve.output, /^2026-01-01 .* forged|hidden@/m);
  });
});
