import assert from "node:assert/strict";
import { test } from "node:test";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import { openAdmin, ORIGIN } from "../support/admin_requests.ts";
import { dead, filledInbox } from "../support/filled_inbox.ts";

const fail = () => {
  throw new Error("disk I/O error in /secret/path");
};
const WAYS: Readonly<Record<string, () => never | Promise<never>>> = {
  "throws at once": fail,
  rejects: () => Promise.reject(new Error("disk I/O error in /secret/path")),
};

for (const [way, read] of Object.entries(WAYS)) {
  test(`every page is 503 and says so while the inbox ${way}`, async () => {
    const filled = filledInbox();
    const id = await filled.put(dead);
    const reads: Pick<InspectableInbox, "overview" | "find" | "show" | "activity"> = {
      overview: read,
      find: read,
      show: read,
      activity: read,
    };
    const { ask, post, log } = openAdmin({ inbox: { ...filled.inbox, ...reads, replay: read } }, filled);
    const paths = [
      ...["/console", "/console/callbacks", `/console/callbacks/${id}`, `/console/callbacks/${id}/payload.json`],
      ...[`/console/callbacks/${id}/replay`, "/console/replay?state=dead"],
    ];
    for (const path of paths) {
      const { status, text } = await ask(path);
      assert.equal(status, 503, path);
      assert.match(text, /The inbox can't be read or written|The inbox can&#39;t be read or written/, path);
      assert.doesNotMatch(text, /secret/, path);
    }
    assert.equal((await post(`/console/callbacks/${id}/replay`)).status, 503);
    assert.equal(log.lines.length, paths.length + 1);
    assert.equal((await ask("/metrics")).status, 200);
  });

  test(`an open page is told, and the process goes on, while the inbox ${way}`, async () => {
    const { inbox, put } = filledInbox();
    const id = await put(dead);
    let isBroken = false;
    const { admin } = openAdmin({
      inbox: {
        ...inbox,
        overview: () => isBroken ? read() : inbox.overview(),
        show: (number) => isBroken ? read() : inbox.show(number),
      },
    });
    const next = async (reader: ReadableStreamDefaultReader<Uint8Array>) =>
      new TextDecoder().decode((await reader.read()).value);
    const [overview, page] = await Promise.all(["", `?callback=${id}`].map(async (query) => {
      const response = await admin.fetch(new Request(`${ORIGIN}/console/live${query}`));
      const reader = response.body!.getReader();
      assert.match(await next(reader), /changed/);
      return reader;
    }));
    isBroken = true;
    // Twice for the change before, and then for the failure: an unhandled rejection would have ended the process.
    for (let count = 0; count < 3; count++) assert.match(await next(overview!), /changed/);
    isBroken = false;
    assert.match(await next(overview!), /changed/);
    assert.match(await next(page!), /changed/);
    admin.close();
  });
}

test("an open page is told again by an admin port that was closed before", async () => {
  const { admin } = openAdmin();
  for (let count = 0; count < 2; count++) {
    const response = await admin.fetch(new Request(`${ORIGIN}/console/live`));
    const reader = response.body!.getReader();
    assert.match(new TextDecoder().decode((await reader.read()).value), /changed/);
    admin.close();
    assert.equal((await reader.read()).done, true);
  }
});
