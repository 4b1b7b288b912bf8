import { printable } from "../../../text.ts";
import { countText } from "../../terminal/count_text.ts";
import type { Problem } from "./fleet.ts";
import type { Action, Plan, Step } from "./plan.ts";

const PLANNED: Readonly<Record<Action, string>> = {
  make: "would make",
  adopt: "would adopt",
  change: "would change",
  enable: "would enable",
  disable: "would disable",
  none: "unchanged",
};

const DONE: Readonly<Record<Action, string>> = {
  make: "made",
  adopt: "adopted",
  change: "changed",
  enable: "enabled",
  disable: "disabled",
  none: "unchanged",
};

/** A step in a line. @param webhookId the webhook that was made or changed; undefined for a plan */
export function stepText({ action, sheetId, place, sheet, webhook }: Step, webhookId?: number): string {
  const id = webhookId ?? webhook?.id;
  const name = sheet?.name ? ` "${printable(sheet.name)}"` : "";
  return `${(webhookId === undefined ? PLANNED : DONE)[action]} ${
    id === undefined ? "a webhook" : `webhook ${id}`
  } on sheet ${sheetId}${name} (${place})`;
}

/** A step for a program. @param webhookId as for {@linkcode stepText} */
export function stepJson({ action, token, sheetId, sheet, webhook }: Step, webhookId?: number): string {
  return JSON.stringify({
    action,
    done: action === "none" || webhookId !== undefined,
    sheetId,
    sheetName: sheet?.name,
    webhookId: webhookId ?? webhook?.id,
    token,
    place: sheet?.place,
  });
}

/** A problem in a line. */
export function problemText({ place, sheetId, message }: Problem): string {
  const sheet = sheetId === undefined ? "" : `sheet ${sheetId}, `;
  return `${sheet}${place}: ${message}`;
}

/** A problem for a program. */
export function problemJson({ place, sheetId, webhookId, message }: Problem): string {
  return JSON.stringify({ action: "failed", done: false, sheetId, webhookId, place, error: message });
}

/** The numbers of a plan, or of what was done. */
export function countsText(actions: readonly Action[], problems: number, isPlan: boolean): string {
  const words = isPlan ? PLANNED : DONE;
  const counts = (Object.keys(words) as Action[]).flatMap((action) => {
    const count = actions.filter((other) => other === action).length;
    return count ? [`${words[action]} ${count}`] : [];
  });
  return [...counts, ...(problems ? [countText(problems, "problem")] : [])].join(", ") || "there is no sheet";
}

/** About how long a plan takes with the budget of its tokens: `about 2040 requests, 7 min`. */
export function effortText({ steps }: Plan): string {
  const byToken = Map.groupBy(steps.filter(({ action }) => action !== "none"), ({ token }) => token);
  const requests = [...byToken.values()].map((steps) =>
    steps.reduce((sum, { action }) => sum + (action === "make" ? 2.04 : 1), 2)
  );
  const minutes = Math.floor(Math.max(0, ...requests) / REQUESTS_PER_MINUTE);
  const sum = Math.ceil(requests.reduce((sum, count) => sum + count, 0));
  return `about ${countText(sum, "request")}${minutes ? `, ${minutes} min` : ""}`;
}

const REQUESTS_PER_MINUTE = 300;
