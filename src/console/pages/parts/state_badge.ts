import type { StoredCallback } from "../../../inbox/inspect.ts";
import { type Markup, markup } from "../markup.ts";

/** What a state is called, the colour of what it means, and a sign for who sees none. */
const BADGES = {
  pending: { tone: "wait", sign: "○", text: "Pending" },
  running: { tone: "busy", sign: "◐", text: "Running" },
  retrying: { tone: "warn", sign: "↻", text: "Retrying" },
  done: { tone: "good", sign: "✓", text: "Processed" },
  discarded: { tone: "off", sign: "–", text: "Discarded" },
  dead: { tone: "bad", sign: "✕", text: "Dead letter" },
} as const;

/** A callback's state. One that is pending runs, waits for its next try, or waits for its turn. */
export function stateBadge(
  { state, isRunning, failedAt }: Pick<StoredCallback, "state" | "isRunning" | "failedAt">,
): Markup {
  return badge(BADGES[isRunning ? "running" : state === "pending" && failedAt !== undefined ? "retrying" : state]);
}

/** A word in a colour, with a sign. */
export function badge({ tone, sign, text }: { tone: string; sign: string; text: string }): Markup {
  return markup`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${text}</span>`;
}
