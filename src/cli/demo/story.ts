import { createSheet, type DemoSheet, readCell } from "./sheet.ts";
import { CHANGE_AGENT, type Stage, TOKEN } from "./stage.ts";
import type { Teller } from "./teller.ts";

/** Shows what a receiver has to do. @throws {Error} if any of it doesn't happen */
export async function tellStory(stage: Stage, teller: Teller): Promise<DemoSheet> {
  const { simulator, receiver, callbackUrl } = stage;
  const { counts } = receiver;
  const sheet = await createSheet(stage, "Orders", ["Item", "Quantity", "State"]);
  const warehouse = { isDown: false, orders: 0 };
  registerHandler(stage, sheet, warehouse);

  teller.chapter("The challenge");
  teller.say("Before Smartsheet calls a URL, it asks whether it may.");
  const webhook = await stage.watch(sheet.id, callbackUrl);
  teller.show("Smartsheet", `-> POST ${callbackUrl}, with a challenge`);
  teller.show("sheethook", "<- 200, and the challenge comes back");
  await teller.expect(
    `the webhook is ${webhook.status}`,
    () => webhook.status === "ENABLED" && counts.challenges === 1,
  );

  teller.chapter("A person adds a row");
  const [rowId = 0] = simulator.edit({
    sheetId: sheet.id,
    user: "ann@example.com",
    cells: [{ column: "Item", value: "Rope" }, { column: "Quantity", value: 5 }],
  }).rowIds;
  teller.show("Ann", "adds the row: Rope, 5");
  await teller.expect("Smartsheet calls, and gets its 200", () => counts.accepted >= 1);
  const [first] = simulator.deliveries().filter(({ kind }) => kind === "events");
  teller.show("Smartsheet", `-> ${first?.events} events, signed: what was touched, but no values`);
  teller.show("sheethook", "<- 200: the signature is right, and the callback is on disk");

  teller.chapter("The handler writes back");
  teller.say(
    "Your code, the handler, runs after the answer. It reads the row, and writes",
    "into another of its cells.",
  );
  await teller.expect(
    'the cell State holds "ordered: 5"',
    async () => await readCell(stage, sheet, rowId, "State") === "ordered: 5",
  );

  teller.chapter("The echo");
  teller.say(
    "That write is an edit, too: Smartsheet calls again. Two programs that answer",
    "each other's writes never end. So ours carry a name, the change agent.",
  );
  await teller.expect(
    `the events carry our name, "${CHANGE_AGENT}": they are ignored`,
    () => counts.ownChanges >= 3,
  );
  await teller.expect(`it was ordered once, after ${counts.accepted} callbacks`, () => warehouse.orders === 1);

  teller.chapter("A failure");
  warehouse.isDown = true;
  simulator.edit({ sheetId: sheet.id, rowId, column: "Quantity", value: 7 });
  teller.show("Ann", "changes the quantity to 7");
  await teller.expect("the handler fails: the warehouse is down", () => counts.failures >= 1);
  teller.say(
    "Smartsheet has its 200, and need not know: the callback is in the inbox, and",
    "so are all later ones of this sheet.",
  );
  warehouse.isDown = false;
  await teller.expect(
    'a second later it runs again: State holds "ordered: 7"',
    async () => await readCell(stage, sheet, rowId, "State") === "ordered: 7",
  );

  teller.chapter("A lost answer");
  await simulator.idle();
  const before = counts.accepted;
  stage.loseNextAnswer();
  simulator.edit({ sheetId: sheet.id, rowId, column: "Quantity", value: 9 });
  teller.show("Ann", "changes the quantity to 9; our 200 is lost on its way");
  await teller.expect("Smartsheet thinks that we are down, and sends it again", () => counts.duplicates >= 1);
  await teller.expect(
    'the duplicate is known, answered 200: State holds "ordered: 9"',
    async () => await readCell(stage, sheet, rowId, "State") === "ordered: 9",
  );
  await simulator.idle();
  await teller.expect("nothing ran twice: 3 orders", () => warehouse.orders === 3 && counts.accepted === before + 2);
  return sheet;
}

/** The code that a user of sheethook writes. */
function registerHandler(
  { receiver, apiUrl }: Stage,
  sheet: DemoSheet,
  warehouse: { isDown: boolean; orders: number },
) {
  const { Quantity, State } = sheet.columns;
  receiver.on(["row.created", "row.updated"], async (event, context) => {
    if (context.callback.scopeObjectId !== sheet.id) return;
    if (warehouse.isDown) throw new Error("The warehouse is down");
    const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
    const read = await context.fetch(`${apiUrl}/sheets/${sheet.id}/rows/${event.id}`, { headers });
    const row: { cells: { columnId: number; value: unknown }[] } = await read.json();
    const quantity = row.cells.find(({ columnId }) => columnId === Quantity)?.value;
    await context.step("order", () => ++warehouse.orders);
    const written = await context.fetch(`${apiUrl}/sheets/${sheet.id}/rows`, {
      method: "PUT",
      headers,
      body: JSON.stringify([{ id: event.id, cells: [{ columnId: State, value: `ordered: ${quantity}` }] }]),
    });
    if (!written.ok) throw new Error(`Smartsheet answered ${written.status}`);
  });
}
