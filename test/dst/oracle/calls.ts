import type { StoredCallback } from "../../../src/inbox/inspect.ts";
import { actsOf, callbackKey, callbackOf, eventsOf, type Facts, identityOf, isOurs, nameOf, only } from "./facts.ts";

/** The calls that a callback owes: `handler` and what it is about. */
export function owedCalls({ body }: StoredCallback): { readonly handler: string; readonly name: string }[] {
  const { newWebhookStatus } = JSON.parse(body);
  const events = eventsOf(body) ?? [];
  if (newWebhookStatus) return [{ handler: "status", name: "status" }];
  const others = events.map((event, index) => ({ ...event, index })).filter(({ changeAgent }) => !isOurs(changeAgent));
  const ofEvents = others.flatMap(({ objectType, eventType, index }) => {
    if (objectType === "row") return [{ handler: "row", name: String(index) }];
    const isQuick = objectType === "cell" || (objectType === "comment" && eventType === "created");
    return isQuick ? [{ handler: "quick", name: String(index) }] : [];
  });
  return others.length ? [...ofEvents, { handler: "callback", name: "all" }] : [];
}

/**
 * Every call of a callback that is done has ended, was skipped, or given up by somebody; of a dead letter, it may be dead. What is
 * discarded was discarded by somebody. No call has more attempts than it may have, and a dead one has had them.
 */
export function checkCalls(facts: Facts): string[] {
  const { history, stored, attempts } = facts;
  const ended = new Set(
    only(history, "ends", "fails").flatMap((each) =>
      each.what === "ends" || each.by === "skip" ? [`${each.handler} ${each.key}`] : []
    ),
  );
  const discarded = new Set([
    ...only(history, "fails").flatMap(({ by, key }) => by === "discard" ? [callbackOf(key)] : []),
  ]);
  const acts = actsOf(history);
  const gone = new Set(only(history, "forwarded").flatMap(({ id, status }) => status === 410 ? [callbackKey(id)] : []));
  const began = Map.groupBy(only(history, "begins"), ({ key, handler }) => `${handler} ${key}`);
  return stored.flatMap((callback) => {
    const identity = identityOf(callback);
    const key = callbackKey(identity).split("@")[0]!;
    const { id, state, deadCalls } = callback;
    const violations: string[] = [];
    if (state === "discarded") {
      const isDiscarded = discarded.has(identity) || gone.has(key) ||
        acts.get(key)?.some(({ act }) => act === "discard");
      if (!isDiscarded) violations.push(`Callback ${id} is discarded, and nobody did that`);
    }
    if (state === "done" || state === "dead") {
      for (const { handler, name } of owedCalls(callback)) {
        const call = `${handler} ${key}/${name}${identity.slice(identity.lastIndexOf("@"))}`;
        const dead = deadCalls.find((each) =>
          String(each.call.event) === name && each.handler.includes(` ${handler}#`)
        );
        const mayBe = dead && (dead.state === "skipped" || (state === "dead" && dead.state === "dead"));
        if (!ended.has(call) && !mayBe) violations.push(`Call ${call} never ended, but callback ${id} is ${state}`);
      }
    }
    for (const { call, handler, attempts: tried, error } of deadCalls) {
      const name = handler.replace(/#\d+$/, "").split(" ").at(-1)!;
      if (call.event === "read" || name === "forward" || callback.state === "discarded") continue;
      const begins = began.get(`${name} ${key}/${call.event}${identity.slice(identity.lastIndexOf("@"))}`) ?? [];
      const isUnfinished = /never ended|used up/.test(error);
      if (tried < attempts && !isUnfinished) {
        violations.push(`Call ${handler} of ${identity}/${call.event} is dead after ${tried} of ${attempts} attempts`);
      }
      // Those that a kill has taken before it came to the call count, too: see `checkAttempts`.
      if (!isUnfinished && !begins.some(({ attempt }) => attempt === tried)) {
        violations.push(`Call ${handler} of ${identity}/${call.event} is dead, but its last attempt never began`);
      }
    }
    return violations;
  }).concat(checkAttempts(facts));
}

/**
 * Attempts count from 1 and never go back, unless a callback is replayed. None is over the limit, but for one whose predecessor never
 * ended, or could not be stored: it is made if it isn't known in which call that one ended.
 */
function checkAttempts({ history, attempts }: Facts): string[] {
  const isCalm = !history.some((each) =>
    each.what === "killed" || each.what === "stands still" || each.what === "aborts" ||
    // An attempt that ended well may lose its lease before that could be stored.
    (each.what === "fault" && each.text === "the disk is full")
  );
  const violations: string[] = [];
  const last = new Map<string, Map<string, number>>();
  for (const each of history) {
    if (each.what === "operator") {
      for (const key of last.keys()) if (callbackKey(key).split("@")[0] === each.key) last.delete(key);
    }
    if (each.what !== "begins") continue;
    const { handler, key, attempt } = each;
    const ofCallback = last.get(callbackOf(key)) ?? new Map<string, number>();
    last.set(callbackOf(key), ofCallback);
    const call = `${handler} ${nameOf(key)}`;
    const before = ofCallback.get(call) ?? 0;
    const isTooMany = attempt > attempts + (isCalm || before > attempts ? 0 : 1);
    if (attempt < 1 || isTooMany) violations.push(`Attempt ${attempt} of ${attempts} at ${handler} ${key}`);
    if (attempt < before) violations.push(`Attempt ${attempt} at ${handler} ${key} followed attempt ${before}`);
    ofCallback.set(call, attempt);
  }
  return violations;
}
