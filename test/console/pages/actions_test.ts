import assert from "node:assert/strict";
import { test } from "node:test";
import { openAdmin } from "../../support/admin_requests.ts";
import { dead, done } from "../../support/filled_inbox.ts";

test("replay asks first, then makes a callback owed again", async () => {
  const { ask, post, put, inbox, log } = openAdmin();
  const id = await put(dead);
  const asked = await ask(`/console/callbacks/${id}/replay`);
  assert.match(asked.text, new RegExp(`<form method="post" action="/console/callbacks/${id}/replay">`));
  assert.match(asked.text, /continues at the call that failed/);
  const { status, headers } = await post(`/console/callbacks/${id}/replay`);
  assert.deepEqual([status, headers.get("location")], [303, `/console/callbacks/${id}?notice=replayed`]);
  assert.equal((await inbox.show(id))!.state, "pending");
  assert.match((await ask(headers.get("location")!)).text, /role="status">It is pending again/);
  assert.deepEqual(log.lines, [`info Callback ${id} was replayed in the console`]);
});

test("an act that came too late changes nothing, and says so", async () => {
  const { ask, post, put, inbox } = openAdmin();
  const pending = await put();
  const [lease] = await inbox.lease(1, 20_000);
  await inbox.take(lease!);
  const told = async (path: string) => (await ask((await post(path)).headers.get("location")!)).text;
  assert.match(await told(`/console/callbacks/${pending}/discard`), /an attempt is running/);
  assert.match(
    await told(`/console/callbacks/${pending}/replay`),
    /its state no longer allows it/,
  );
  assert.equal((await post("/console/callbacks/99/replay")).status, 404);
  assert.equal((await inbox.show(pending))!.state, "pending");
});

test("what a filter finds is acted on after one question, if it says which state", async () => {
  const { ask, post, put, inbox } = openAdmin();
  const ids = [await put(dead), await put(dead), await put(done)];
  assert.match((await ask("/console/callbacks?state=dead")).text, /href="\/console\/replay\?state=dead"/);
  assert.doesNotMatch((await ask("/console/callbacks")).text, /href="\/console\/replay/);
  assert.match((await ask("/console/discard?state=dead")).text, /Discard 2 callbacks\?/);
  const form = { state: "dead" };
  const { headers } = await post("/console/discard", form);
  assert.equal(headers.get("location"), "/console/callbacks?state=dead&notice=discarded+2");
  assert.match((await ask(headers.get("location")!)).text, /2 callbacks were discarded\./);
  const states = await Promise.all(ids.map(async (id) => (await inbox.show(id))!.state));
  assert.deepEqual(states, ["discarded", "discarded", "done"]);

  for (const wrong of [{}, { state: "everything" }, { state: "done", sheet: "x" }]) {
    assert.equal(
      (await post("/console/replay", wrong as Record<string, string>)).headers.get("location"),
      "/console/callbacks",
    );
  }
  assert.equal((await inbox.show(ids[2]!))!.state, "done");
});

test("a notice that somebody made up isn't shown", async () => {
  const { ask } = openAdmin();
  for (const notice of ["<b>Pay here</b>", "toString", "constructor", "discarded 99999999"]) {
    const { text } = await ask(`/console/callbacks?notice=${encodeURIComponent(notice)}`);
    assert.doesNotMatch(text, /class="notice"/, notice);
  }
});

test("a form that is too long is refused", async () => {
  const { post } = openAdmin();
  assert.equal((await post("/console/replay", { state: "x".repeat(20_000) })).status, 413);
});
