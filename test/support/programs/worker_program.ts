// Works one callback, and stops with a grace time of an hour. Nothing may hold the process then.
import { memoryInbox } from "../../../src/inbox/memory.ts";
import { createReceiver } from "../../../src/receiver.ts";
import { callbackBody, SECRET, signedRequest } from "../callbacks.ts";

const receiver = createReceiver({ secrets: SECRET, inbox: memoryInbox() });
const handled = new Promise<void>((resolve) => {
  receiver.on("row.*", () => {
    console.log("handled");
    resolve();
  });
});
await receiver.start();
await receiver.fetch(await signedRequest(callbackBody()));
await handled;
await receiver.stop({ graceMs: 3_600_000 });
