import { createRunningLanes } from "./lanes.ts";
import { callbackKey, eventsOf, type Facts, identityOf, isOurs, nameOf, only } from "./facts.ts";

/** A target is never called twice at once for one sheet, and gets all of what is done. */
export function checkForwarding(facts: Facts): string[] {
  return [...checkOneAtATime(facts), ...checkForwarded(facts)];
}

function checkOneAtATime({ history }: Facts): string[] {
  const lanes = createRunningLanes<{ readonly process: string; readonly id: string }>();
  return history.flatMap((each) => {
    lanes.see(each);
    if (each.what !== "forwards" && each.what !== "forwarded") return [];
    const { process, id, target, sheet } = each;
    const lane = `${target} ${sheet}`;
    if (each.what === "forwarded") {
      lanes.end(lane, (run) => run.id === id && run.process === process);
      return [];
    }
    const other = lanes.begin(lane, { process, id });
    return other ? [`${target} was given ${id} by ${process} while it had ${other.id} of ${other.process}`] : [];
  });
}

function checkForwarded({ history, stored, relayed, forwardTo, forwardAs }: Facts): string[] {
  const taken = new Set(
    only(history, "forwarded").flatMap(({ id, target, status }) =>
      status >= 200 && status < 300 ? [`${id} ${target}`] : []
    ),
  );
  const skipped = new Set(
    relayed.flatMap(({ webhookId, nonce, state, deadCalls }) =>
      state === "done" && !deadCalls.length ? [] : [`${webhookId}/${nonce}`]
    ),
  );
  const told = Map.groupBy(only(history, "told"), ({ key }) => callbackKey(key));
  return stored.flatMap((callback) => {
    const { webhookId, nonce, state, body, deadCalls } = callback;
    const key = `${webhookId}/${nonce}`;
    const identity = identityOf(callback);
    // Of two callbacks of one nonce, each has its own changes.
    const own = identity.slice(identity.lastIndexOf("@"));
    // One that was given up, or that a target wants no more of.
    if (state !== "done" || deadCalls.length || skipped.has(key) || JSON.parse(body).newWebhookStatus) return [];
    const others = (eventsOf(body) ?? []).flatMap(({ changeAgent }, index) =>
      isOurs(changeAgent) ? [] : [String(index)]
    );
    const names = {
      callbacks: () => others.length ? ["all"] : [],
      events: () => others,
      changes: () => [...new Set((told.get(key) ?? []).flatMap(({ key }) => key.endsWith(own) ? [nameOf(key)] : []))],
    }[forwardAs]();
    return names.flatMap((name) =>
      forwardTo.flatMap((target) =>
        taken.has(`${key}/${name} ${target}`)
          ? []
          : [`${key}/${name} never came to ${target}, but its callback is done`]
      )
    );
  });
}
