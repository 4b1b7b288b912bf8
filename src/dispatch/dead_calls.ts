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
  const names = new Map<string, CallName>();
  for (const { call, handler } of deadCalls) names.set(`${call.event} ${handler}`, call.event);
  let died = 0;
  let error: string | undefined;

  return {
    get count() {
      return names.size;
    },
    get died() {
      return died;
    },
    get error() {
      return error;
    },
    isReplay: deadCalls.some(({ isOwed }) => isOwed),
    end(ended) {
      const key = `${ended.call.event} ${ended.handler}`;
      if (ended.error === undefined) names.delete(key);
      else {
        names.set(key, ended.call.event);
        died++;
        error = ended.error;
      }
      onEnded?.(ended);
    },
    events() {
      const indexes = [...new Set(names.values())].filter((name) => typeof name === "number");
      return indexes.sort((a, b) => a - b).flatMap((index) => events?.[index] ?? []);
    },
  };
}
