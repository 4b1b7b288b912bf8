import { unknownInPattern } from "../../callback/pattern.ts";
import type { Receiver } from "../../receiver.ts";

/** The handlers that a module registers. */
export interface Registrations {
  /** The receiver for the module: it records the registrations. */
  readonly receiver: Receiver;
  /** Registrations that are probably mistakes, though legal. */
  warnings(): string[];
}

/** Webhooks on plans send these events. */
const OF_PLANS: readonly string[] = ["user.*", "user.seatType.updated", "*.seatType.updated"];

/** Records what is registered with a receiver. */
export function watchRegistrations(receiver: Receiver): Registrations {
  const patterns = new Set<string>();
  let count = 0;
  const watched: Receiver = new Proxy(receiver, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function" || !/^on/.test(String(name))) return value;
      return (...args: unknown[]) => {
        const returned = Reflect.apply(value, target, args);
        count++;
        if (name === "on") { for (const pattern of [args[0]].flat()) patterns.add(String(pattern)); }
        return returned === target ? watched : returned;
      };
    },
  });
  return {
    receiver: watched,
    warnings() {
      if (!count) {
        return [
          "no handler is registered: callbacks are accepted and then ignored; call receiver.on(...) in its default export",
        ];
      }
      return [...patterns].flatMap((pattern) => {
        const unknown = OF_PLANS.includes(pattern) ? undefined : unknownInPattern(pattern);
        return unknown ? [`no event that Smartsheet documents matches ${JSON.stringify(pattern)}: ${unknown}`] : [];
      });
    },
  };
}
