// Only checked, never run: what the types promise to a user.
import { createReceiver, type EventOf, type Receiver } from "sheethook";

const receiver: Receiver = createReceiver({ secrets: { 4503604829677444: ["3qo29mvjou6xt5fujukjtwzhj0"] } });

receiver.on("row.created", (event, context) => {
  const objectType: "row" = event.objectType;
  const eventType: "created" = event.eventType;
  const id: number = event.id;
  const key: string = context.idempotencyKey;
  // @ts-expect-error a row event isn't a cell event
  const cell: "cell" = event.objectType;
  return void [objectType, eventType, id, key, cell];
});

receiver.on(["cell.*", "comment.created"], (event) => {
  if (event.objectType === "cell") return void [event.rowId.toFixed(), event.columnId.toFixed()];
  return void event.id.toFixed();
});

receiver.on("user.seatType.updated", (event) => void event.objectType.length);

// @ts-expect-error a pattern has two halves
receiver.on("row", () => {});

// @ts-expect-error secrets aren't numbers
createReceiver({ secrets: 42 });

export type Deleted = EventOf<"row.deleted">;
export const handler: { fetch(request: Request): Promise<Response> } = { fetch: receiver.fetch };
