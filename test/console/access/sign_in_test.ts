import assert from "node:assert/strict";
import { test } from "node:test";
import { createSessions } from "../../../src/console/access/session.ts";
import { createSignInThrottle } from "../../../src/console/access/sign_in_throttle.ts";
import type { SheethookError } from "../../../src/errors.ts";
import { openAdmin } from "../../support/admin_requests.ts";
import { dead } from "../../support/filled_inbox.ts";

const TOKEN = "a token of 16 or more";

test("createAdmin() shows no console without a token where others can reach it", async () => {
  for (const hostname of ["0.0.0.0", "10.1.2.3", "::", "sheethook.internal"]) {
    const { ask, post } = openAdmin({ hostname });
    for (const path of ["/console", "/console/callbacks", "/console/live", "/console/sign-in"]) {
      assert.equal((await ask(path)).status, 403, hostname + path);
    }
    assert.equal((await post("/console/callbacks/1/discard")).status, 403);
    assert.match((await ask("/console")).text, /SHEETHOOK_ADMIN_TOKEN/);
    for (const path of ["/readyz", "/metrics"]) assert.equal((await ask(path)).status, 200, path);
  }
  for (const hostname of ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost."]) {
    assert.equal((await openAdmin({ hostname }).ask("/console")).status, 200, hostname);
  }
  const named = [{ hostname: ["127.0.0.1", "sheethook.internal"] }, { url: "https://ops.example.com" }];
  for (const options of named) {
    assert.equal((await openAdmin(options).ask("/console")).status, 403, JSON.stringify(options));
  }
});

test("createAdmin() refuses a token of less than 16 characters, without showing it", () => {
  assert.throws(
    () => openAdmin({ token: "hidden" }),
    (error: SheethookError) =>
      error.code === "option_invalid" && /has 6 characters.* at least 16/.test(error.message) &&
      !error.message.includes("hidden"),
  );
});

test("createAdmin() asks for the token, and lets in who knows it, for the page that was asked for", async () => {
  const { ask, post } = openAdmin({ token: TOKEN });
  const asked = await ask("/console/callbacks?state=dead");
  assert.equal(asked.status, 401);
  assert.match(asked.text, /name="next" value="\/console\/callbacks\?state=dead"/);
  assert.match(asked.text, /type="password"/);
  assert.equal((await ask("/console/callbacks/1/payload.json")).status, 401);
  assert.equal((await ask("/console/live")).status, 401);
  assert.equal((await post("/console/callbacks/1/discard")).status, 401);
  for (const path of ["/readyz", "/metrics", "/console/console.css"]) assert.equal((await ask(path)).status, 200, path);

  const wrong = await post("/console/sign-in", { token: `${TOKEN}x` });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.headers.get("set-cookie"), null);
  assert.match(wrong.text, /This isn&#39;t the token/);

  const right = await post("/console/sign-in", { token: TOKEN, next: "/console/callbacks?state=dead" });
  assert.deepEqual([right.status, right.headers.get("location")], [303, "/console/callbacks?state=dead"]);
  const [cookie = "", ...flags] = (right.headers.get("set-cookie") ?? "").split("; ");
  assert.deepEqual(flags.sort(), ["HttpOnly", "Max-Age=43200", "Path=/console", "SameSite=Strict"]);
  assert.ok(!decodeURIComponent(cookie).includes(TOKEN));
  const page = await ask("/console", { headers: { cookie } });
  assert.equal(page.status, 200);
  assert.match(page.text, /Sign out/);

  const elsewhere = (await post("/console/sign-in", { token: TOKEN })).headers.get("set-cookie")!.split(";")[0]!;
  const out = await post("/console/sign-out", {}, { cookie });
  assert.match(out.headers.get("set-cookie") ?? "", /^sheethook_session=; Max-Age=0/);
  assert.equal((await ask("/console", { headers: { cookie } })).status, 401, "a session that was signed out");
  assert.equal((await ask("/console", { headers: { cookie: elsewhere } })).status, 200, "another browser's");
});

test("createAdmin() takes the token from machines, as a bearer", async () => {
  const { ask } = openAdmin({ token: TOKEN });
  const status = async (authorization: string) => (await ask("/console", { headers: { authorization } })).status;
  assert.equal(await status(`Bearer ${TOKEN}`), 200);
  assert.equal(await status(`bearer ${TOKEN}`), 200);
  assert.equal(await status("Bearer something else entirely"), 401);
  assert.equal(await status(`Basic ${btoa(`:${TOKEN}`)}`), 401);
});

test("createAdmin() lets the right token in at once while wrong ones wait", async () => {
  const { ask, post } = openAdmin({ token: TOKEN });
  const wrong = Array.from(
    { length: 12 },
    () => ask("/console", { headers: { authorization: "Bearer something else entirely" } }),
  );
  const bearer = await ask("/console", { headers: { authorization: `Bearer ${TOKEN}` } });
  const form = await post("/console/sign-in", { token: TOKEN });
  assert.deepEqual([bearer.status, form.status], [200, 303]);
  const statuses = (await Promise.all(wrong)).map(({ status }) => status).sort();
  assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429]);
});

test("createAdmin() takes a machine's act without an origin, with the right bearer alone", async () => {
  const { ask, put, inbox } = openAdmin({ token: TOKEN });
  const path = `/console/callbacks/${await put(dead)}/discard`;
  const act = (headers: Record<string, string>) => ask(path, { method: "POST", headers });
  assert.equal((await act({ authorization: "Bearer something else entirely" })).status, 401);
  assert.equal((await act({})).status, 403);
  assert.equal((await inbox.show(1))!.state, "dead");
  assert.equal((await act({ authorization: `Bearer ${TOKEN}` })).status, 303);
  assert.equal((await inbox.show(1))!.state, "discarded");
  const open = openAdmin();
  const other = `/console/callbacks/${await open.put(dead)}/discard`;
  const headers = { authorization: `Bearer ${TOKEN}` };
  assert.equal((await open.ask(other, { method: "POST", headers })).status, 403, "without a token no bearer is right");
});

test("createAdmin() refuses a bearer's act from another origin, too", async () => {
  const { post } = openAdmin({ token: TOKEN });
  const headers = { authorization: `Bearer ${TOKEN}`, origin: "http://evil.example" };
  assert.equal((await post("/console/callbacks/1/discard", {}, headers)).status, 403);
});

test("createAdmin() leads nobody elsewhere after signing in", async () => {
  const { post } = openAdmin({ token: TOKEN });
  for (
    const next of ["https://evil.example/", "//evil.example/console", "/\\evil.example", "/metrics", "javascript:1", ""]
  ) {
    const { headers } = await post("/console/sign-in", { token: TOKEN, next });
    assert.equal(headers.get("location"), "/console", next);
  }
});

test("createSessions() makes sessions that end, and that nobody else can make", async () => {
  let now = 1000;
  const sessions = createSessions(TOKEN, () => now, 5000);
  const session = await sessions.create();
  assert.ok(await sessions.isSession(session));
  assert.ok(await createSessions(TOKEN, () => now).isSession(session));
  assert.ok(!await createSessions(`${TOKEN}!`, () => now).isSession(session));
  const [until, id, signature] = session.split(".");
  const forged = [
    ...["", ".", "..", until!, TOKEN, `9${until}.${id}.${signature}`, `${until}.${id}.${"0".repeat(64)}`],
    ...[`.${id}.${signature}`, `${until}..${signature}`, `${until}.${id}x.${signature}`],
  ];
  for (const cookie of forged) assert.ok(!await sessions.isSession(cookie), cookie);
  now = 6000;
  assert.ok(!await sessions.isSession(session));
});

test("createSignInThrottle() is slow to say no to ten at once, and never to say yes", async () => {
  const throttle = createSignInThrottle(50);
  const wrong = Array.from({ length: 10 }, () => throttle(Promise.resolve(false)));
  assert.equal(await throttle(Promise.resolve(true)), true);
  assert.equal(await throttle(Promise.resolve(false)), undefined);
  assert.equal(await Promise.race([...wrong, Promise.resolve("waiting")]), "waiting");
  assert.equal(await createSignInThrottle(1)(Promise.resolve(false)), false);
});
