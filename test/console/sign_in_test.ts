import assert from "node:assert/strict";
import { test } from "node:test";
import { createGuesses } from "../../src/console/guesses.ts";
import { createSessions } from "../../src/console/session.ts";
import type { SheethookError } from "../../src/errors.ts";
import { openAdmin } from "./admin_requests.ts";

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
  for (const hostname of ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"]) {
    assert.equal((await openAdmin({ hostname }).ask("/console")).status, 200, hostname);
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

  const out = await post("/console/sign-out", {}, { cookie });
  assert.match(out.headers.get("set-cookie") ?? "", /^sheethook_session=; Max-Age=0/);
});

test("createAdmin() takes the token from machines, as a bearer", async () => {
  const { ask } = openAdmin({ token: TOKEN });
  const status = async (authorization: string) => (await ask("/console", { headers: { authorization } })).status;
  assert.equal(await status(`Bearer ${TOKEN}`), 200);
  assert.equal(await status(`bearer ${TOKEN}`), 200);
  assert.equal(await status("Bearer something else entirely"), 401);
  assert.equal(await status(`Basic ${btoa(`:${TOKEN}`)}`), 401);
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
  const [until, signature] = session.split(".");
  for (
    const forged of ["", ".", until!, `9${until}.${signature}`, `${until}.${"0".repeat(64)}`, `.${signature}`, TOKEN]
  ) {
    assert.ok(!await sessions.isSession(forged), forged);
  }
  now = 6000;
  assert.ok(!await sessions.isSession(session));
});

test("createGuesses() looks at ten at once, and is slow to say no", async () => {
  const tryGuess = createGuesses(50);
  let looked = 0;
  const wrong = () => {
    looked++;
    return Promise.resolve(false);
  };
  const before = performance.now();
  const answers = await Promise.all(Array.from({ length: 13 }, () => tryGuess(wrong)));
  assert.ok(performance.now() - before >= 45);
  assert.deepEqual(answers, [...Array(10).fill(false), undefined, undefined, undefined]);
  assert.equal(looked, 10);
  assert.equal(await tryGuess(() => Promise.resolve(true)), true);
});
