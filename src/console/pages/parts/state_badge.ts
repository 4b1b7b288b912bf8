import type { StoredCallback } from "../../../inbox/inspect.ts";
import { type Markup, markup } from "../markup.ts";

/** The name, colour and sign of each state; the sign is for readers who can't tell the colours apart. */
const BADGES = {
  pending: { tone: "wait", sign: "○", text: "Pending" },
  running: { tone: "busy", sign: "◐", text: "Running" },
  retrying: { tone: "warn", sign: "↻", text: "Retrying" },
  done: { tone: "good", sign: "✓", text: "Processed" },
  discarded: { tone: "off", sign: "–", text: "Discarded" },
  dead: { tone: "bad", sign: "✕", text: "Dead letter" },
} as const;

/** A callback's state; a pending one may be running, retrying or waiting for its turn. */
export function stateBadge(
  { state, isRunning, failedAt }: Pick<StoredCallback, "state" | "isRunning" | "failedAt">,
): Markup {
  return badge(BADGES[isRunning ? "running" : state === "pending" && failedAt !== undefined ? "retrying" : state]);
}

/** A word with a colour and a sign. */
export function badge({ tone, sign, text }: { tone: string; sign: string; text: string }): Markup {
  return markup`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${text}</span>`;
}
