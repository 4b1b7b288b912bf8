import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import { rowEvent } from "../../support/callbacks.ts";
import { openAdmin } from "../../support/admin_requests.ts";
import { dead, deadOf, done, filledInbox } from "../../support/filled_inbox.ts";

const MARKUP = '<img src=x onerror=alert(1)> "quoted"';

const events = Array.from({ length: 7 }, (_, id) => rowEvent(id + 1));
const statesOf = async ({ inbox }: ReturnType<typeof openAdmin>, id: number) =>
  (await inbox.show(id))!.deadCalls.map(({ state }) => state);

/** The text of a part of a page, without its tags. */
function partOf(text: string, part: string): string {
  const [, content = ""] = text.split(`<div id="${part}" class="part" data-part >`);
  return content.split('class="part" data-part')[0]!.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
}

test("a page lists the dead calls of its callback, the whole of an error on demand, and leaves markup text", async () => {
  const { ask, put } = openAdmin();
  const outcome = deadOf("Error: no", `Error: ${MARKUP} jane@example.com`, "Error: no");
  const { text } = await ask(`/console/callbacks/${await put(outcome, { events })}`);
  const part = partOf(text, "calls");
  assert.match(part, /3 dead calls, 2 errors/);
  assert.match(part, /2 ✕ Dead event 2 of 7 \(row\.updated\) handler 2 row\.\* placeOrder 3 just now Error: &lt;img/);
  assert.match(
    part,
    /3 ✕ Dead event 3 of 7 \(row\.updated\) .* Error: no \(same as call 1\) Replay… call 3 Skip… call 3/,
  );
  assert.match(text, /<details id="call-1"><summary>Error: no<\/summary><pre[^>]*>Error: no\n {4}at place/);
  assert.doesNotMatch(text, /<img|jane@/);
  assert.match(partOf(text, "attempts"), /3 ✕ Failed event 2, handler 2 just now /);
  assert.doesNotMatch(text, /Continues at/);
});

test("an attempt that has the error of another call says at which", async () => {
  const { ask, put } = openAdmin();
  const { text } = await ask(`/console/callbacks/${await put(deadOf("Error: no", "Error: no"), { events })}`);
  assert.match(partOf(text, "attempts"), /Same error as attempt 3 at event 1, handler 2/);
});

test("a dead call is skipped or replayed after a question that names it", async () => {
  const admin = openAdmin();
  const { ask, post, put, inbox, log } = admin;
  const id = await put(deadOf("Error: one", "Error: two", "Error: three"), { events });
  const path = `/console/callbacks/${id}`;
  const asked = await ask(`${path}/skip?call=2`);
  assert.match(asked.text, /Skip 1 dead call of callback #1\?/);
  assert.match(asked.text, /event 2 of 7 \(row\.updated\), handler 2 <code>row\.\* placeOrder<\/code>/);
  assert.match(asked.text, /2 other dead calls stay dead\./);
  assert.match(asked.text, /<input type="hidden" name="call" value="2">/);
  const skipped = await post(`${path}/skip`, { call: "2" });
  assert.deepEqual([skipped.status, skipped.headers.get("location")], [303, `${path}?notice=skipped+1+calls`]);
  assert.deepEqual(await statesOf(admin, id), ["dead", "skipped", "dead"]);
  const page = (await ask(skipped.headers.get("location")!)).text;
  assert.match(page, /role="status">1 dead call was skipped\.</);
  assert.match(partOf(page, "calls"), /2 dead calls, 2 errors; 1 skipped/);
  assert.match(partOf(page, "calls"), /2 – Skipped event 2 of 7/);

  const replayed = await post(`${path}/replay`, { call: "3" });
  assert.deepEqual(await statesOf(admin, id), ["dead", "skipped", "owed"]);
  assert.equal((await inbox.show(id))!.state, "pending");
  const pending = (await ask(replayed.headers.get("location")!)).text;
  assert.match(pending, /1 dead call was replayed\. The callback is pending again/);
  assert.match(partOf(pending, "calls"), /1 dead call; 1 runs again, 1 skipped/);
  assert.match(partOf(pending, "calls"), /3 ○ Runs again event 3 of 7 .* Skip… call 3/);
  assert.doesNotMatch(pending, /\/replay/);
  assert.equal((await ask(`${path}/replay?call=1`)).headers.get("location"), `${path}?notice=unchanged`);

  await post(`${path}/skip`);
  assert.equal((await inbox.show(id))!.state, "done");
  assert.deepEqual(log.lines, [
    "info 1 dead call was skipped in the console: callback 1",
    "info 1 dead call was replayed in the console: callback 1",
    "info 2 dead calls were skipped in the console: callback 1",
  ]);
});

test("those that are picked are replayed or skipped, and nothing is if none is picked", async () => {
  const admin = openAdmin();
  const { ask, post, put } = admin;
  const id = await put(deadOf("Error: one", "Error: two", "Error: three"), { events });
  const path = `/console/callbacks/${id}`;
  const { text } = await ask(path);
  assert.match(text, /<form method="get" action="\/console\/callbacks\/1\/skip"><input type="hidden" name="picked"/);
  assert.match(text, /<button class="button" formaction="\/console\/callbacks\/1\/replay">Replay those picked…/);
  for (const none of ["picked=1", "call=x", "call=0&picked=1"]) {
    for (const act of ["skip", "replay"]) {
      const { headers } = await ask(`${path}/${act}?${none}`);
      assert.equal(headers.get("location"), `${path}?notice=unpicked`);
    }
  }
  assert.equal((await post(`${path}/skip`, { call: "x" })).headers.get("location"), `${path}?notice=unpicked`);
  assert.deepEqual(await statesOf(admin, id), ["dead", "dead", "dead"]);
  const asked = await ask(`${path}/replay?picked=1&call=1&call=3`);
  assert.match(asked.text, /Replay 2 dead calls of callback #1\?/);
  assert.match(asked.text, /1 other dead call stays dead, and can be replayed when this callback has ended/);
  await ask(`${path}/replay`, {
    method: "POST",
    headers: { origin: "http://127.0.0.1:9464" },
    body: new URLSearchParams([["call", "1"], ["call", "3"]]).toString(),
  });
  assert.deepEqual(await statesOf(admin, id), ["owed", "dead", "owed"]);
});

test("the calls of a callback that share an error are skipped at once, also by its whole line", async () => {
  const admin = openAdmin();
  const { ask, post, put } = admin;
  const errors = ["Error: row 123456 is gone", "Error: no", "Error: row 654321 is gone"];
  const id = await put(deadOf(...errors), { events });
  const path = `/console/callbacks/${id}`;
  const key = "Error: row … is gone";
  const href = `${path}/skip?${new URLSearchParams({ error: key })}`;
  assert.ok((await ask(path)).text.includes(`href="${href}"`));
  assert.match((await ask(href)).text, /Skip 2 dead calls of callback #1\?/);
  await post(`${path}/skip`, { error: errors[0]! });
  assert.deepEqual(await statesOf(admin, id), ["skipped", "dead", "skipped"]);
});

test("6,000 dead calls make a page of 100, with the errors that they share", async () => {
  const { ask, put } = openAdmin();
  const errors = Array.from({ length: 6000 }, (_, index) => index % 3 ? "Error: no" : `Error: ${"x".repeat(500)}`);
  const many = Array.from({ length: 6000 }, (_, id) => rowEvent(id + 1));
  const { text } = await ask(`/console/callbacks/${await put(deadOf(...errors), { events: many })}`);
  const part = partOf(text, "calls");
  assert.match(part, /6,000 dead calls, 2 errors/);
  assert.match(part, /Error: no 4,000 Replay…/);
  assert.match(part, /And 5,900 more calls\./);
  assert.equal(text.match(/type="checkbox"/g)?.length, 100);
  assert.ok(text.length < 500_000, String(text.length));
});

test("the overview and the list of dead letters group them by error", async () => {
  const { ask, put } = openAdmin();
  const no = "Error: no, jane@example.com";
  await put(deadOf(no, no), { events });
  await put(deadOf(no, `Error: ${MARKUP}`), { events });
  await put(dead);
  await put(done);
  for (const [path, part] of [["/console", "dead"], ["/console/callbacks?state=dead", "errors-part"]] as const) {
    const { text } = await ask(path);
    const grouped = partOf(text, part);
    assert.match(grouped, /3 dead letters, 3 errors/, path);
    assert.match(grouped, /Error: no, … 2 3 #2 Replay… the calls with this error Skip… the calls/, path);
    assert.match(grouped, /The ERP answered 500 for … 1 – #3 Replay… the calls with this error (?!Skip)/, path);
    assert.match(text, /href="\/console\/skip\?state=dead&amp;error=Error%3A\+no%2C\+%E2%80%A6"/, path);
    assert.doesNotMatch(text, /<img|jane/, path);
  }
  assert.match((await ask("/console")).text, /<span class="tile-note">with 4 dead calls</);
  assert.match(
    partOf((await ask("/console/callbacks?state=dead&sheet=1002")).text, "errors-part"),
    /Dead letters: 2 errors/,
  );
  const filtered = (await ask("/console/callbacks?state=dead&error=Error%3A+no%2C+%E2%80%A6")).text;
  assert.ok(filtered.includes('callbacks/1"') && filtered.includes('callbacks/2"'));
  assert.ok(!filtered.includes('callbacks/3"'));
  assert.match(filtered, /value="Error: no, …"/);
  assert.match(filtered, /Skip calls with this error…/);
  assert.match(
    (await ask("/console/callbacks?state=dead&error=other")).text,
    /No dead letter that matches has this error/,
  );
});

test("all calls that died of an error are replayed, dead letters without a dead call whole, and no other call", async () => {
  const admin = openAdmin();
  const { ask, post, put, inbox, log } = admin;
  const error = "Error: The ERP answered 500 for joe@example.com";
  await put(deadOf(error, "Error: other", error), { events });
  await put(deadOf("Error: other"), { events });
  await put(dead);
  const query = new URLSearchParams({ state: "dead", error });
  const asked = (await ask(`/console/replay?${query}`)).text;
  assert.match(asked, /Replay 2 dead calls of 2 callbacks\?/);
  assert.match(asked, /other dead calls of these callbacks stay dead/);
  const { headers } = await post("/console/replay", Object.fromEntries(query));
  assert.match(
    (await ask(headers.get("location")!)).text,
    /role="status">2 dead calls of 2 callbacks were replayed\.</,
  );
  assert.deepEqual(await statesOf(admin, 1), ["owed", "dead", "owed"]);
  assert.deepEqual(await statesOf(admin, 2), ["dead"]);
  assert.equal((await inbox.show(3))!.state, "pending");
  assert.deepEqual(log.lines, ["info 2 callbacks were replayed in the console: 2 dead calls"]);
});

test("all dead calls of a filter are skipped, 500 callbacks at a time, and what is left is told", async () => {
  const admin = openAdmin({}, filledInbox(memoryInbox()));
  const { ask, post, put, inbox } = admin;
  for (let count = 0; count < 501; count++) {
    await put(deadOf("Error: no", "Error: other"), { events, scopeObjectId: 1 });
  }
  const form = { state: "dead", error: "Error: no" };
  const asked = (await ask(`/console/skip?${new URLSearchParams(form)}`)).text;
  assert.match(asked, /Skip the dead calls of the oldest 500 of 501 callbacks\?/);
  assert.match(asked, /All of them together have 501 such dead calls\./);
  const first = await post("/console/skip", form);
  const told = (await ask(first.headers.get("location")!)).text;
  assert.match(told, /500 dead calls of 500 callbacks were skipped\. 1 callback is left\./);
  assert.equal((await inbox.overview()).deadCalls, 502);
  await post("/console/skip", { state: "dead" });
  assert.equal((await inbox.overview()).dead, 1);
});

test("skipping is for dead letters that have dead calls, and an error for dead letters", async () => {
  const { ask, put, inbox, post } = openAdmin();
  await put(dead);
  const none = await ask("/console/skip?state=dead");
  assert.match((await ask(none.headers.get("location")!)).text, /none of them has a dead call/);
  for (const query of ["skip?state=pending", "skip?state=done", "replay?state=done&error=x", "skip?error=x"]) {
    assert.equal((await ask(`/console/${query}`)).headers.get("location"), "/console/callbacks", query);
  }
  assert.equal(
    (await post("/console/callbacks/1/skip")).headers.get("location"),
    "/console/callbacks/1?notice=unchanged",
  );
  assert.equal((await inbox.show(1))!.state, "dead");
});
