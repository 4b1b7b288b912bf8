import assert from "node:assert/strict";
import { test } from "node:test";
import { signBody } from "../../../src/receive/signature.ts";
import { callbackBody, cellEvent, rowEvent, SECRET } from "../../support/callbacks.ts";
import { runCli, withServe } from "../../support/run_cli.ts";

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

test("serve logs the first events of a bulk edit, and how many more there are", async () => {
  const env = { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: absent };
  await withServe([], { env, reads: [absent] }, async (serve) => {
    const rows = Array.from({ length: 20 }, (_, index) => rowEvent(index + 1));
    const cells = Array.from({ length: 30 }, () => cellEvent(1, 2));
    for (const events of [rows, [...rows, ...cells]]) {
      const body = callbackBody({
        nonce: `n${events.length}`,
        timestamp: `2025-09-17T13:10:00.0${events.length}+00:00`,
        events,
      });
      const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
      const response = await fetch(serve.url, { method: "POST", body, headers });
      await response.body?.cancel();
      assert.equal(response.status, 200);
    }
    await serve.waitFor(
      /and 40 more events in the same callback: 30 × cell\.updated, 10 × row\.updated \(sheet 1229759569678212\)/,
    );
    assert.equal(serve.output.match(/row\.updated row \d+ by user/g)?.length, 30);
    assert.equal(serve.output.match(/more events/g)?.length, 1);
  });
});

test("serve logs a probe of doctor's in one line, and hands it to no handler", async () => {
  const env = { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: absent };
  await withServe(["--log-level", "debug"], { env, reads: [absent] }, async (serve) => {
    const { code, stdout } = await runCli(["doctor", serve.url, "--local"], { env, reads: [absent] });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /ok\[body\] +A body of over 1 MB isn't too large/);
    // Behind the probes, so that what they would have logged is there.
    const body = callbackBody();
    const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
    await (await fetch(serve.url, { method: "POST", body, headers })).body?.cancel();
    await serve.waitFor(/row\.updated row 1 by user 1/);
    const probes = serve.output.split("\n").filter((line) => /doctor/.test(line));
    assert.equal(probes.length, 4, probes.join("\n"));
    for (const line of probes) assert.match(line, /Accepted callback doctor-/);
  });
});
