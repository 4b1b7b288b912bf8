import { conditionOf } from "../../callback_condition.ts";
import type { CallbackFilter, DeadError } from "../../inspect.ts";
import { MOST_ERRORS } from "../../limits.ts";
import type { Queries } from "./queries.ts";
import { deadErrors, HAS_ERROR } from "./statements.ts";

/** The ids of the callbacks that match, newest first. */
export function findCallbacks({ all }: Queries, filter: CallbackFilter, limit: number): number[] {
  const { where, values } = withError(filter);
  // The only index with webhooks; without it the bodies of all callbacks are read to find those of a quiet one.
  const isByWebhook = filter.webhookId !== undefined && filter.error === undefined;
  const index = isByWebhook ? "indexed by callbacks_accepted" : "";
  const text = `select id from callbacks ${index} where ${where} order by id desc limit ?`;
  return all<{ id: number }>(text, ...values, limit).map(({ id }) => id);
}

/** The errors of the dead letters that match, those with the most calls first. */
export function findDeadErrors({ all }: Queries, filter: CallbackFilter): DeadError[] {
  if (filter.states && !filter.states.includes("dead")) return [];
  const { where, values } = withError({ ...filter, states: ["dead"] });
  return all<DeadError>(deadErrors(where), ...values, ...values, MOST_ERRORS).map((error) => ({ ...error }));
}

function withError(filter: CallbackFilter): { readonly where: string; readonly values: (number | string)[] } {
  const { error } = filter;
  const { where, values } = conditionOf(filter);
  if (error === undefined) return { where, values };
  return { where: `${where} and state = 'dead' and ${HAS_ERROR}`, values: [...values, error, error] };
}
