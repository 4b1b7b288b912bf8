// Types: what is wrong here is found by the type check, not by running it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AnyEvent, createReceiver, type EventOf } from "../../mod.ts";
import { callbackBody, cellEvent, createLog, SECRET, signedRequest } from "../support/callbacks.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const isTrue = <T extends true>(value?: T) => value;

test("on() narrows the event to what its patterns match", async () => {
  const seen: unknown[] = [];
  const receiver = createReceiver({ secrets: SECRET, logger: createLog() })
    .on("row.created", (event) => {
      isTrue<Equal<typeof event.objectType, "row">>();
      isTrue<Equal<typeof event.eventType, "created">>();
      isTrue<Equal<typeof event.id, number>>();
    })
    .on("cell.*", (event) => {
      isTrue<Equal<typeof event.rowId, number>>();
      isTrue<Equal<typeof event.columnId, number>>();
      isTrue<Equal<typeof event.eventType, string>>();
      // What a cell hasn't is an attribute like any other that Smartsheet may add.
      isTrue<Equal<typeof event.id, unknown>>();
      seen.push(event.rowId);
    })
    .on(["row.deleted", "sheet.updated"], (event) => {
      isTrue<Equal<typeof event.objectType, "row" | "sheet">>();
      isTrue<Equal<typeof event.id, number>>();
      if (event.objectType === "row") isTrue<Equal<typeof event.eventType, "deleted">>();
    })
    .on("user.seatType.updated", (event) => {
      isTrue<Equal<typeof event.objectType, "user">>();
      isTrue<Equal<typeof event.eventType, "seatType.updated">>();
      isTrue<Equal<typeof event.id, number | undefined>>();
    })
    .on("*.*", (event) => {
      isTrue<Equal<typeof event.id, number | undefined>>();
      isTrue<Equal<typeof event.changeAgent, string | undefined>>();
    });
  // @ts-expect-error A pattern has two halves.
  assert.throws(() => receiver.on("row", () => {}));
  isTrue<Equal<EventOf<"*.*">, AnyEvent>>();
  await receiver.fetch(await signedRequest(callbackBody({ events: [cellEvent(5, 6)] })));
  assert.deepEqual(seen, [5]);
});
