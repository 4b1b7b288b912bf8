import { unknownInPattern } from "../../callback/pattern.ts";
import type { Receiver } from "../../receiver.ts";

/** What a module registers, while it does. */
export interface Registrations {
  /** To be given to the module: does what the receiver does, and takes notes. */
  readonly receiver: Receiver;
  /** What is probably not meant; each of it is legal. */
  warnings(): string[];
}

/** Webhooks on plans send these. */
const OF_PLANS: readonly string[] = ["user.*", "user.seatType.updated", "*.seatType.updated"];

/** Watches what is registered with a receiver. */
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
          "no handler is registered: callbacks are accepted, and nothing is done; call receiver.on(...) in its default export",
        ];
      }
      return [...patterns].flatMap((pattern) => {
        const unknown = OF_PLANS.includes(pattern) ? undefined : unknownInPattern(pattern);
        return unknown ? [`no event that Smartsheet documents matches ${JSON.stringify(pattern)}: ${unknown}`] : [];
      });
    },
  };
}
