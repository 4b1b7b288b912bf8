import type { InspectableInbox } from "../../src/inbox/inspect.ts";

/** How many callbacks are pending, and how many have ended since the inbox was made. */
export async function totalsOf(inbox: InspectableInbox): Promise<{ pending: number; done: number; dead: number }> {
  const { pending, totals } = await inbox.overview();
  return { pending, ...totals };
}
