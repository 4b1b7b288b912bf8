import { createSheet } from "./sheet.ts";
import type { Stage, Webhook } from "./stage.ts";
import type { Teller } from "./teller.ts";

const ROUNDS = 5;

/** Runs naive receivers and shows how they fail. @throws {Error} if they don't */
export async function tellNaive(stage: Stage, teller: Teller): Promise<void> {
  teller.chapter("What becomes of a naive receiver");
  await answerNoContent(stage, teller);
  teller.say("");
  await chaseItself(stage, teller);
}

/** 204 is a success everywhere else. */
async function answerNoContent({ simulator, call, watch, openNaive, ...rest }: Stage, teller: Teller): Promise<void> {
  let calls = 0;
  const url = await openNaive(() => {
    calls++;
    return new Response(null, { status: 204 });
  });
  const sheet = await createSheet({ simulator, call, watch, openNaive, ...rest }, "Answered with 204", ["Item"]);
  const { id } = await watch(sheet.id, url);
  const edit = (value: string) => simulator.edit({ sheetId: sheet.id, cells: [{ column: "Item", value }] });
  edit("Rope");
  teller.show("naive", "<- 204 No Content, which is a success everywhere else");
  const state = () => call<Webhook>("GET", `/webhooks/${id}`);
  await teller.expect(
    "the webhook is DISABLED_CALLBACK_FAILED at once; nobody is told",
    async () => (await state()).status === "DISABLED_CALLBACK_FAILED",
  );
  for (const value of ["Tar", "Sails"]) edit(value);
  await simulator.idle();
  await teller.expect("two more rows: it isn't called, and they are never sent", () => calls === 1);
}

/** Writes back without a change agent. */
async function chaseItself(stage: Stage, teller: Teller): Promise<void> {
  const { simulator, call, watch, openNaive } = stage;
  const sheet = await createSheet(stage, "Chased", ["Item", "Seen"]);
  let rounds = 0;
  const url = await openNaive(async ({ events }) => {
    const row = events.find(({ objectType }) => objectType === "row");
    if (row && rounds < ROUNDS) {
      rounds++;
      const cells = [{ columnId: sheet.columns.Seen, value: rounds }];
      await call("PUT", `/sheets/${sheet.id}/rows`, [{ id: row.id, cells }]);
    }
    return new Response();
  });
  await watch(sheet.id, url);
  simulator.edit({ sheetId: sheet.id, cells: [{ column: "Item", value: "Rope" }] });
  teller.show("naive", "writes back without a change agent: its own write calls it again");
  await teller.expect(
    `one edit made ${ROUNDS} writes, each caused by the last; we stopped it`,
    () => rounds === ROUNDS,
  );
}
