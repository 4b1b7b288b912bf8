import type { Callback } from "../callback/callback.ts";
import type { AnyEvent } from "../callback/event.ts";
import type { CallName, EndedCall } from "../inbox/inbox.ts";
import type { AttemptState } from "./attempt.ts";

/** The dead calls of a callback, while an attempt runs. */
export interface DeadCalls {
  /** How many there are. */
  readonly count: number;
  /** How many died in this attempt. */
  readonly died: number;
  /** Why the last of these died. */
  readonly error: string | undefined;
  /** Whether dead calls run again. */
  readonly isReplay: boolean;
  /** A call died, or is dead no more. */
  end(call: EndedCall): void;
  /** The events that have one, in order. */
  events(): readonly AnyEvent[];
}

export function createDeadCalls({ events = [] }: Callback, { deadCalls = [], onEnded }: AttemptState): DeadCalls {
  // Nearly every callback has none.
  let names: Map<string, CallName> | undefined;
  for (const { call, handler } of deadCalls) (names ??= new Map()).set(`${call.event} ${handler}`, call.event);

  // No getters: to make an object with them takes V8 0.7 µs, twenty times as long as this one.
  const dead = {
    count: names?.size ?? 0,
    died: 0,
    error: undefined as string | undefined,
    isReplay: deadCalls.some(({ isOwed }) => isOwed),
    end(ended: EndedCall) {
      const key = `${ended.call.event} ${ended.handler}`;
      if (ended.error === undefined) names?.delete(key);
      else {
        (names ??= new Map()).set(key, ended.call.event);
        dead.died++;
        dead.error = ended.error;
      }
      dead.count = names?.size ?? 0;
      onEnded?.(ended);
    },
    events() {
      if (!names) return NONE;
      const indexes = [...new Set(names.values())].filter((name) => typeof name === "number");
      return indexes.sort((a, b) => a - b).flatMap((index) => events?.[index] ?? []);
    },
  };
  return dead;
}

const NONE: readonly AnyEvent[] = [];
