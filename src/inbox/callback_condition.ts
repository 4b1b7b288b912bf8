import type { CallbackFilter, CallbackState } from "./inspect.ts";

/** A condition on callbacks, and the values of its parameters. */
export function conditionOf(
  { states, scopeObjectId, webhookId, since, until }: CallbackFilter,
): { readonly where: string; readonly values: number[] } {
  const conditions = states ? [stateIn(states)] : [];
  const values: number[] = [];
  const add = (condition: string, value: number | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add("lane = ?", scopeObjectId);
  add("webhook_id = ?", webhookId);
  add("accepted_at >= ?", since);
  add("accepted_at < ?", until);
  return { where: conditions.join(" and ") || "true", values };
}

/** As the partial indexes say it, or they wouldn't be used: without parameters, and with their whole condition. */
export function stateIn(states: readonly CallbackState[]): string {
  if (states.length === 1 && states[0] === "pending") return "state = 'pending'";
  const list = `state in (${states.map((state) => `'${state}'`).join(", ")})`;
  return states.includes("pending") ? list : `${list} and state <> 'pending'`;
}
