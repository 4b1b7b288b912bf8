import assert from "node:assert/strict";
import { test } from "node:test";
import { callbackBody, rowEvent, SECRET, signedRequest } from "../support/callbacks.ts";
import { signBody } from "../../mod.ts";
import { runtime, startChild } from "../support/runtime.ts";
import { findFreePort } from "../serve/client.ts";
import app from "./hono.ts";

const BODY = callbackBody({ events: [rowEvent(4711, { eventType: "created" })] });

test("the Hono app of the README receives, and goes on with the rest", async () => {
  assert.equal((await app.fetch(await signedRequest(BODY))).status, 200);
  assert.equal((await app.fetch(await signedRequest(BODY, "wrong"))).status, 401);
  assert.equal(await (await app.request("/")).text(), "The rest of your application");
});

// Each runtime runs the example that is written for it.
const example = { node: "node_http", deno: "deno_serve", bun: "bun_serve" }[runtime];

test("the README's example for this runtime receives", async () => {
  const port = await findFreePort();
  const child = await startChild(new URL(`./${example}.ts`, import.meta.url), [], {
    env: { PORT: String(port) },
    permissions: ["--allow-net", "--allow-env=PORT"],
    ready: /^()/,
  });
  try {
    const url = `http://127.0.0.1:${port}/webhook`;
    const headers = { "Smartsheet-Hmac-SHA256": await signBody(BODY, SECRET) };
    let response: Response | undefined;
    for (let tries = 0; !response; tries++) {
      response = await fetch(url, { method: "POST", body: BODY, headers }).catch((error) => {
        if (tries > 600) throw error;
      }) as Response | undefined;
      if (!response) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(response.status, 200);
    await child.waitFor(/Row 4711 was created/);
    assert.equal((await fetch(url, { method: "POST", body: BODY })).status, 401);
  } finally {
    await child.kill();
  }
});
