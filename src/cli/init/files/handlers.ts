import type { Answers } from "../answers.ts";

/** A handlers' module that logs each changed row, and shows where a write goes. */
export function handlersText({ language }: Pick<Answers, "language">): string {
  const [head, signature] = language === "ts"
    ? ['import type { Receiver } from "sheethook";\n\n/** Called once, when `serve` starts. */', "(receiver: Receiver)"]
    : [
      "// @ts-check\n\n/**\n * Called once, when `serve` starts.\n *\n" +
      ' * @param {import("sheethook").Receiver} receiver\n */',
      "(receiver)",
    ];
  return `${head}
export default ${signature} => {
  // Called for each changed row, in order per sheet, and again if it throws. A filter before the handler picks changes;
  // without \`sheet\`, every sheet needs the column:
  // onChange({ sheet: 4509506114742148, column: "Status", to: "Approved" }, handler)
  receiver.onChange(({ kind, sheet, row, columns }, { log }) => {
    log.info("row {rowId} of {sheet} was {kind}", {
      rowId: row.id,
      sheet: sheet.name,
      kind,
      columns: columns.map(({ title }) => title),
    });
    // To write, make the handler async and take updateRow from its second argument:
    // await updateRow(row, { Status: "Done" });
    // It marks the write with your change agent, so that it doesn't come back as a change.
  });
};
`;
}
