import type { Api, CallOptions, Webhook } from "../../../api/api.ts";
import { ApiError } from "../../../api/api_error.ts";
import { messageOf } from "../../../errors.ts";
import { secretSources } from "../../secrets/secrets.ts";
import type { SecretsByWebhook } from "../../../secrets_file/stored_secrets.ts";
import { findColumnIds, isAboutOneSheet } from "./columns.ts";
import { findDeclaredSheets } from "./declared_sheets.ts";
import type { DeclaredSheet, Fleet, Problem } from "./fleet.ts";
import { inParallel } from "./in_parallel.ts";
import { findSettled, makePlan, type Plan } from "./plan.ts";

/** Requests at the same time, for each token. */
export const AT_ONCE = 8;

/** As many as fit into one request: pages that others change meanwhile would shift. */
const PAGE_SIZE = 10_000;

/** Every webhook of a token's owner. */
export function listWebhooks(api: Api, call: CallOptions): Promise<Webhook[]> {
  return Array.fromAsync(api.webhooks.list({ pageSize: PAGE_SIZE, ...call }));
}

/**
 * Finds out what is to be done. Changes nothing.
 *
 * @param call options of each request
 * @throws {Error} if its signal aborts
 */
export async function preparePlan(
  fleet: Fleet,
  apis: ReadonlyMap<string, Api>,
  secrets: SecretsByWebhook,
  call: CallOptions = {},
): Promise<Plan> {
  const problems: Problem[] = [];
  const webhooksByToken = new Map<string, readonly Webhook[]>();
  const listing = [...apis].map(async ([token, api]) => {
    try {
      webhooksByToken.set(token, await listWebhooks(api, call));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problems.push({ place: `tokens.${token}`, message: messageOf(error) });
    }
  });
  const [declared] = await Promise.all([findDeclaredSheets(fleet, apis, call), ...listing]);
  problems.push(...declared.problems);

  const input = {
    fleet: fleet.name,
    webhooksByToken,
    secrets,
    hasOtherSecrets: Boolean(secretSources().environment?.trim()),
    isComplete: declared.isComplete && webhooksByToken.size === apis.size,
  };
  const reachable = declared.sheets.filter(({ token }) => webhooksByToken.has(token));
  const columnIds = new Map<DeclaredSheet, readonly number[]>();
  const unsettled = reachable.filter((sheet) => !findSettled(sheet, input));
  await Promise.all(
    [...apis].map(([token, api]) =>
      inParallel(unsettled.filter((sheet) => sheet.token === token), AT_ONCE, async (sheet) => {
        const { place, sheetId } = sheet;
        try {
          columnIds.set(sheet, await findColumnIds(api, sheet, call));
        } catch (error) {
          if (!isAboutOneSheet(error)) throw error;
          problems.push({ place, sheetId, message: messageOf(error) });
        }
      })
    ),
  );

  const troubledSheets = new Set(problems.flatMap(({ sheetId }) => sheetId ?? []));
  const plan = makePlan({
    ...input,
    sheets: reachable.filter(({ sheetId }) => !troubledSheets.has(sheetId)),
    troubledSheets,
    columnIdsOf: (sheet) => columnIds.get(sheet),
  });
  return { steps: plan.steps, problems: [...problems, ...plan.problems] };
}
