import assert from "node:assert/strict";
import { test } from "node:test";
import { openAdmin, ORIGIN } from "../../support/admin_requests.ts";
import { dead, done, type FilledInbox, filledInbox } from "../../support/filled_inbox.ts";
import { delay } from "../../../src/async/delay.ts";

/** Reads a stream of events; `next` resolves with the next one, or with undefined at the end. */
async function watch(admin: { fetch(request: Request): Promise<Response> }, path = "/console/live") {
  const response = await admin.fetch(new Request(ORIGIN + path));
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  assert.equal(response.headers.get("x-accel-buffering"), "no");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  return { reader, next: async () => (await reader.read()).value };
}

test("live pages are told when something has come in or was worked, and when theirs has changed", async () => {
  const { admin, put, inbox } = openAdmin();
  const { next } = await watch(admin);
  const event = "event: changed\ndata: 1\n\n";
  assert.equal(await next(), event);
  const told = next();
  await put(done);
  assert.equal(await told, event);

  const id = await put(dead);
  const page = await watch(admin, `/console/live?callback=${id}`);
  assert.equal(await page.next(), event);
  const changed = page.next();
  await inbox.discard([id]);
  assert.equal(await changed, event);
  admin.close();
  assert.equal(await page.next(), undefined);
});

test("live pages cost nothing when nobody watches, and one look for all when many do", async () => {
  const filled = filledInbox();
  let looks = 0;
  const inbox: FilledInbox["inbox"] = {
    ...filled.inbox,
    overview: () => {
      looks++;
      return filled.inbox.overview();
    },
  };
  const { admin } = openAdmin({ inbox }, filled);
  const watchers = await Promise.all(Array.from({ length: 20 }, () => watch(admin)));
  await Promise.all(watchers.map(({ next }) => next()));
  const before = looks;
  assert.ok(before < 20, String(before));
  await Promise.all(watchers.map(({ reader }) => reader.cancel()));
  await delay(2500);
  assert.ok(looks <= before + 1, `${looks - before} looks`);
});

test("no more than 100 pages watch", async () => {
  const { admin, ask } = openAdmin();
  const watchers = await Promise.all(Array.from({ length: 100 }, () => watch(admin)));
  assert.equal((await ask("/console/live")).status, 503);
  await watchers[0]!.reader.cancel();
  const again = await watch(admin);
  assert.match((await again.next())!, /changed/);
  admin.close();
});

test("live pages go on when the inbox fails to look up their callback, even if it throws", async () => {
  const filled = filledInbox();
  const id = await filled.put(dead);
  let looks = 0;
  const inbox: FilledInbox["inbox"] = {
    ...filled.inbox,
    show(id) {
      if (++looks === 1) throw new Error("database disk image is malformed");
      return filled.inbox.show(id);
    },
  };
  const { admin } = openAdmin({ inbox }, filled);
  const { next } = await watch(admin, `/console/live?callback=${id}`);
  for (let count = 0; count < 2; count++) assert.match((await next())!, /changed/);
  assert.ok(looks > 1);
  admin.close();
});
