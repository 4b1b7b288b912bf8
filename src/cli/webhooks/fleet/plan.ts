import type { Webhook } from "../../../api/api.ts";
import { factsOf } from "../../../smartsheet/webhook_status.ts";
import type { SecretsByWebhook } from "../../../secrets_file/stored_secrets.ts";
import { isSharedSecret } from "../../secrets/rotated_secrets.ts";
import { isSameUrl, oldestFirst, sameItems } from "../desired_webhook.ts";
import type { DeclaredSheet, Problem } from "./fleet.ts";
import { fleetOf, markOf } from "./mark.ts";

/** What happens to a webhook: the first of these that does. */
export type Action = "make" | "adopt" | "change" | "enable" | "disable" | "none";

/** What is to be done for one sheet. */
export interface Step {
  readonly action: Action;
  readonly token: string;
  readonly sheetId: number;
  /** Where its sheet is declared; of a webhook that isn't needed any more, why. */
  readonly place: string;
  /** Undefined for a webhook that isn't needed any more. */
  readonly sheet: DeclaredSheet | undefined;
  /** Undefined for one that is to be made. */
  readonly webhook: Webhook | undefined;
  /** The ids of the columns. */
  readonly columnIds: readonly number[];
  /** Whether a secret has to be stored before it is enabled. */
  readonly needsSecret: boolean;
}

/** What is to be done. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
}

/** The webhooks that there are, and what tells ours from others. */
export interface KnownWebhooks {
  readonly fleet: string;
  readonly webhooksByToken: ReadonlyMap<string, readonly Webhook[]>;
  readonly secrets: SecretsByWebhook;
  /** Whether SHEETHOOK_SECRET may hold the secrets of enabled webhooks. */
  readonly hasOtherSecrets: boolean;
}

/** What a plan is made from. */
export interface PlanInput extends KnownWebhooks {
  readonly sheets: readonly DeclaredSheet[];
  /** Sheets that are declared, but about which there is a problem: nothing of theirs is touched. */
  readonly troubledSheets: ReadonlySet<number>;
  /** Whether a sheet that isn't declared has left the fleet for sure. */
  readonly isComplete: boolean;
  /** The ids of a sheet's columns, if they are known. */
  readonly columnIdsOf: (sheet: DeclaredSheet) => readonly number[] | undefined;
}

/** Compares what is declared with the webhooks that there are. */
export function makePlan(input: PlanInput): Plan {
  const steps: Step[] = [];
  const problems: Problem[] = [];
  const kept = new Set<number>();
  for (const sheet of input.sheets) {
    const webhook = findSettled(sheet, input) ?? findMatch(sheet, input);
    if (webhook) kept.add(webhook.id);
    const other = webhook && fleetOf(webhook.name);
    if (other !== undefined && other !== input.fleet) {
      const message = `webhook ${
        webhook!.id
      } does the same, but belongs to the fleet ${other}: one of them should leave it`;
      problems.push({ place: sheet.place, sheetId: sheet.sheetId, webhookId: webhook!.id, message });
      continue;
    }
    const step = stepFor(sheet, webhook, input);
    steps.push(step);
    const problem = webhook && step.action === "none" ? statusProblem(sheet, webhook) : undefined;
    if (problem) problems.push(problem);
  }
  if (input.isComplete) steps.push(...stepsForLeft(kept, input));
  return { steps, problems };
}

/** A webhook of ours that was last changed to just what is declared. */
export function findSettled(sheet: DeclaredSheet, input: KnownWebhooks): Webhook | undefined {
  const mark = markOf(input.fleet, sheet);
  return candidatesFor(sheet, input).find((webhook) => webhook.name === mark && hasSecret(webhook, input));
}

/** A webhook of ours, or one with the same URL, that watches the same columns. */
function findMatch(sheet: DeclaredSheet, input: PlanInput): Webhook | undefined {
  const columnIds = input.columnIdsOf(sheet) ?? [];
  const same = candidatesFor(sheet, input).filter((webhook) =>
    sameItems(webhook.subscope?.columnIds ?? [], columnIds) &&
    (isSameUrl(webhook.callbackUrl, sheet.callbackUrl) || isOwned(webhook, input))
  );
  return same.find((webhook) => isOwned(webhook, input)) ?? same.find(({ id }) => input.secrets.has(id)) ?? same[0];
}

/** The webhooks on a sheet, the oldest first. */
function candidatesFor({ sheetId, token }: DeclaredSheet, { webhooksByToken }: KnownWebhooks): Webhook[] {
  const all = webhooksByToken.get(token) ?? [];
  return oldestFirst(
    all.filter(({ scope, scopeObjectId, status }) =>
      scope === "sheet" && scopeObjectId === sheetId && status !== "DISABLED_APP_REVOKED"
    ),
  );
}

function stepFor(sheet: DeclaredSheet, webhook: Webhook | undefined, input: PlanInput): Step {
  const { sheetId, token, place } = sheet;
  const columnIds = input.columnIdsOf(sheet) ?? [];
  const base = { sheetId, token, place, sheet, webhook, columnIds };
  if (!webhook) return { ...base, action: "make", needsSecret: true };
  const needsSecret = !hasSecret(webhook, input);
  const isAdopted = needsSecret || fleetOf(webhook.name) !== input.fleet;
  const isChanged = webhook.name !== markOf(input.fleet, sheet) || !isSameUrl(webhook.callbackUrl, sheet.callbackUrl);
  const action = isAdopted ? "adopt" : isChanged ? "change" : canBeEnabled(webhook) ? "enable" : "none";
  return { ...base, action, needsSecret };
}

function stepsForLeft(kept: ReadonlySet<number>, input: PlanInput): Step[] {
  const planned = new Set<number>();
  const declared = new Set(input.sheets.map(({ sheetId }) => sheetId));
  return [...input.webhooksByToken].flatMap(([token, webhooks]) =>
    webhooks.flatMap((webhook): Step[] => {
      const { id, enabled, status, scopeObjectId: sheetId } = webhook;
      const isOurs = isOwned(webhook, input) && !input.troubledSheets.has(sheetId);
      if (kept.has(id) || planned.has(id) || !isOurs || !(enabled || status === "ENABLED")) return [];
      planned.add(id);
      const place = declared.has(sheetId) ? "another webhook replaces it" : "left the fleet";
      const base = { token, sheetId, place, sheet: undefined, webhook, columnIds: [] };
      return [{ ...base, action: "disable", needsSecret: false }];
    })
  );
}

/** Whether we have made or adopted a webhook: it has our name, and its secret is stored here. */
function isOwned({ id, name }: Webhook, { fleet, secrets }: KnownWebhooks): boolean {
  return fleetOf(name) === fleet && secrets.has(id);
}

/** Whether serve knows its secret. Resetting one that is in SHEETHOOK_SECRET would break that setup. */
function hasSecret(
  { id, status, sharedSecret }: Webhook,
  { secrets, hasOtherSecrets }: KnownWebhooks,
): boolean {
  return secrets.has(id) || (status === "ENABLED" && hasOtherSecrets && !isSharedSecret(sharedSecret));
}

function canBeEnabled({ status }: Webhook): boolean {
  return status === "DISABLED_BY_OWNER" || factsOf(status).remedy.startsWith("enable");
}

function statusProblem({ place, sheetId }: DeclaredSheet, { id, status }: Webhook): Problem | undefined {
  if (status === "ENABLED") return undefined;
  const { meaning, toDo } = factsOf(status);
  const message = `webhook ${id} is ${status}: ${meaning}${toDo ? `; what to do: ${toDo}` : ""}`;
  return { place, sheetId, webhookId: id, message };
}
