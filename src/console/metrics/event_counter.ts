import { Counter, type Registry } from "prom-client";
import type { EventResult, Observer } from "../../dispatch/observer.ts";
import { EVENT_TYPES, OBJECT_TYPES } from "../../smartsheet/event_types.ts";

// A label needs a limited set of values, and types come from outside.
const OTHER = "other";
const RESULTS: Readonly<Record<EventResult, string>> = {
  handled: "handled",
  unhandled: "no_handler",
  ownChange: "own_change",
};

/** Counts events by pattern and result, in plain numbers: a callback may have thousands. */
export function addEventCounter(registry: Registry): Observer["onEvent"] {
  const known = OBJECT_TYPES.flatMap((objectType) => EVENT_TYPES.map((eventType) => `${objectType}.${eventType}`));
  const tallies = new Map([...known, OTHER].map((pattern) => [pattern, { handled: 0, unhandled: 0, ownChange: 0 }]));
  const other = tallies.get(OTHER)!;
  new Counter({
    name: "sheethook_events_total",
    help: "Events by pattern and by what became of them: handled, own_change or no_handler.",
    labelNames: ["pattern", "result"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [pattern, tally] of tallies) {
        for (const [result, count] of Object.entries(tally)) {
          if (count) this.inc({ pattern, result: RESULTS[result as EventResult] }, count);
        }
      }
    },
  });
  return ({ objectType, eventType }, result) => {
    const isText = typeof objectType === "string" && typeof eventType === "string";
    const tally = isText ? tallies.get(`${objectType}.${eventType}`) : undefined;
    (tally ?? other)[result]++;
  };
}
