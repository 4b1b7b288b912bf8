import type { Change } from "../../mirror/change.ts";
import type { Gap } from "../../mirror/gap.ts";
import { createSheet, type DemoSheet, readCell } from "./sheet.ts";
import { CHANGE_AGENT, type Stage, type Webhook } from "./stage.ts";
import type { Teller } from "./teller.ts";

/** Shows what a receiver has to do. @throws {Error} if any of it doesn't happen */
export async function tellStory(stage: Stage, teller: Teller): Promise<DemoSheet> {
  const { simulator, receiver, callbackUrl } = stage;
  const { counts } = receiver;
  const sheet = await createSheet(stage, "Orders", ["Item", "Status", "Ticket"]);
  const changes: Change[] = [];
  receiver.onChange((change) => void changes.push(change));
  const tickets = { isDown: false, count: 0 };
  registerHandler(stage, tickets);

  function add(item: string, status: string): number {
    const cells = [{ column: "Item", value: item }, { column: "Status", value: status }];
    const { rowIds } = simulator.edit({ sheetId: sheet.id, user: "ann@example.com", cells });
    return rowIds[0]!;
  }
  const hasTicket = (row: number, number: string) => async () => await readCell(stage, sheet, row, "Ticket") === number;

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
  const rope = add("Rope", "Open");
  teller.show("Ann", "adds the row: Rope, Open");
  await teller.expect("Smartsheet calls, and gets its 200", () => counts.accepted >= 1);
  const [first] = simulator.deliveries().filter(({ kind }) => kind === "events");
  teller.show("Smartsheet", `-> ${first?.events} events, signed: what was touched, but no values`);
  teller.show("sheethook", "<- 200: the signature is right, and the callback is on disk");
  await teller.expect("then it reads the row, and keeps a copy", () => changes.length === 1);

  teller.chapter("The handler writes back");
  teller.say(
    "Your code, the handler, gets what changed: by title, before and after. Ours",
    "makes a ticket when Status becomes Approved, and writes its number back.",
  );
  simulator.edit({ sheetId: sheet.id, user: "ann@example.com", rowId: rope, column: "Status", value: "Approved" });
  teller.show("Ann", "changes the status");
  await teller.expect(
    "the row is read, and compared: Status: Open -> Approved",
    () => changesText(changes[1]) === "Status: Open -> Approved",
  );
  teller.show("handler", 'makes a ticket: context.updateRow(row, { Ticket: "T-1" })');
  await teller.expect('the cell Ticket holds "T-1"', hasTicket(rope, "T-1"));

  teller.chapter("The echo");
  teller.say(
    "That write is an edit, too: Smartsheet calls again. Two programs that answer",
    "each other's writes never end. So ours carry a name, the change agent.",
  );
  await teller.expect(
    `the events carry our name, "${CHANGE_AGENT}": they call nobody`,
    () => counts.ownChanges >= 3,
  );
  await teller.expect(
    `there is one ticket, after ${counts.accepted} callbacks`,
    () => tickets.count === 1 && changes.length === 2,
  );

  teller.chapter("A failure");
  tickets.isDown = true;
  const tar = add("Tar", "Approved");
  teller.show("Ann", "adds the row: Tar, Approved");
  await teller.expect("the handler fails: the ticket system is down", () => counts.failures >= 1);
  teller.say(
    "Smartsheet has its 200, and need not know: the callback is in the inbox, and",
    "so are all later ones of this sheet.",
  );
  tickets.isDown = false;
  await teller.expect('a second later it runs again: Ticket holds "T-2"', hasTicket(tar, "T-2"));

  teller.chapter("A lost answer");
  await simulator.idle();
  const before = counts.accepted;
  stage.loseNextAnswer();
  const sails = add("Sails", "Approved");
  teller.show("Ann", "adds the row: Sails, Approved; our 200 is lost on its way");
  await teller.expect("Smartsheet thinks that we are down, and sends it again", () => counts.duplicates >= 1);
  await teller.expect(
    'the duplicate is known, answered 200: Ticket holds "T-3"',
    hasTicket(sails, "T-3"),
  );
  await simulator.idle();
  await teller.expect(
    "nothing ran twice: 3 tickets",
    () => tickets.count === 3 && changes.length === 4 && counts.accepted === before + 2,
  );

  await tellGap({ stage, teller, sheet, webhook, changes });
  return sheet;
}

/** The webhook is off, and on again. */
async function tellGap({ stage, teller, sheet, webhook, changes }: {
  readonly stage: Stage;
  readonly teller: Teller;
  readonly sheet: DemoSheet;
  readonly webhook: Webhook;
  /** Those that were told. */
  readonly changes: readonly Change[];
}): Promise<void> {
  const { simulator, receiver } = stage;
  const path = `/webhooks/${webhook.id}`;
  const gaps: Gap[] = [];
  receiver.onGap((gap) => void gaps.push(gap));
  const add = (item: string) => {
    return simulator.edit({ sheetId: sheet.id, cells: [{ column: "Item", value: item }] }).rowIds[0]!;
  };

  teller.chapter("A gap");
  const rows = ["Oars", "Paint", "Nets", "Hooks"].map(add);
  await teller.expect("four more rows are told", () => changes.length === 8);
  await simulator.idle();
  const since = new Date().toISOString();
  await stage.call("PUT", path, { enabled: false });
  teller.show("Smartsheet", "turns the webhook off: what happens now is never sent");
  const [deleted, ...changed] = rows as [number, ...number[]];
  for (const rowId of changed) simulator.edit({ sheetId: sheet.id, rowId, column: "Status", value: "Done" });
  simulator.edit({ sheetId: sheet.id, deleteRowIds: [deleted] });
  teller.show("Ann", "changes three rows, and deletes one");
  await simulator.idle();
  await stage.call("PUT", path, { enabled: true });
  teller.show("Smartsheet", "turns it on again");
  await receiver.reconcile({ sheetId: sheet.id, reason: "disabled", since });
  teller.show("sheethook", "compares the whole sheet with its copy");
  await teller.expect("the handler hears of all four: three updated, one deleted", () => {
    const [gap] = gaps;
    const told = changes.slice(8);
    return gap?.updated === 3 && gap.deleted === 1 && gap.created === 0 &&
      told.length === 4 && told.every(({ source }) => source === "reconcile");
  });
}

/** The code that a user of sheethook writes. */
function registerHandler({ receiver }: Stage, tickets: { isDown: boolean; count: number }) {
  receiver.onChange({ column: "Status", to: "Approved" }, async ({ row }, context) => {
    const number = await context.step("ticket", () => {
      if (tickets.isDown) throw new Error("The ticket system is down");
      return `T-${++tickets.count}`;
    });
    await context.updateRow(row, { Ticket: number });
  });
}

function changesText(change: Change | undefined): string | undefined {
  return change?.columns.map(({ title, from, to }) => `${title}: ${from} -> ${to}`).join(", ");
}
