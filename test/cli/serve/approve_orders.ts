import type { Receiver } from "sheethook";

/** Makes a ticket in another system when Status becomes Approved, and writes its number into the row. */
export default (receiver: Receiver) => {
  receiver.onChange({ column: "Status", to: "Approved" }, async ({ row }, context) => {
    const ticket = await context.step("ticket", async () => {
      const response = await fetch("https://tickets.example.com/tickets", {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": context.idempotencyKey },
        body: JSON.stringify(row),
        signal: context.signal,
      });
      if (!response.ok) throw new Error(`The ticket system answered ${response.status}`);
      return await response.json() as { number: string };
    });
    await context.updateRow(row, { Ticket: ticket.number });
  });
};
