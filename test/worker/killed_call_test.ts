import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { acceptedCallback, callbackBody, rowEvent } from "../support/callbacks.ts";
import { startChild } from "../support/runtime.ts";

test("a call that kills its process is dead in the end, and nothing else of its callback is lost", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-kill-"));
  const file = join(folder, "inbox.db");
  const inbox = sqliteInbox(file);
  try {
    await inbox.put(acceptedCallback({}, callbackBody({ events: [1, 2, 3].map((id) => rowEvent(id)) })));
    let output = "";
    for (let starts = 0; (await inbox.overview()).pending; starts++) {
      assert.ok(starts < 8, output);
      const child = await startChild(new URL("../support/programs/kill_program.ts", import.meta.url), [file], {
        permissions: ["-A"],
        ready: /(works)/,
      });
      const isLast = await Promise.race([
        child.exited.then(() => false),
        child.waitFor(/all but .*/).then(() => true, () => false),
      ]);
      if (isLast) {
        while ((await inbox.overview()).pending) await new Promise((resolve) => setTimeout(resolve, 10));
        await child.kill();
      }
      output += child.output;
    }
    const [id] = await inbox.find({});
    const { state, deadCalls } = (await inbox.show(id!))!;
    assert.equal(state, "dead");
    assert.deepEqual(deadCalls.map(({ call, attempts }) => [call.event, attempts]), [[1, 2]]);
    assert.match(deadCalls[0]!.error, /^Error: Attempt 2, the last one, never ended: its process was killed/);
    // The first kill counts against the call that was known: the first one. From then on each is saved before it begins.
    assert.deepEqual(output.split("\n").filter((line) => /^(row|all) /.test(line)), [
      "row 1 at attempt 1",
      "row 2 at attempt 1",
      "row 1 at attempt 2",
      "row 2 at attempt 1",
      "row 2 at attempt 2",
      "row 3 at attempt 1",
      "all but 2",
    ]);
  } finally {
    await inbox.close();
    await rm(folder, { recursive: true });
  }
});
