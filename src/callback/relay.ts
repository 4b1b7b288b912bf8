import { isObject } from "../json.ts";
import type { Callback } from "./callback.ts";

/** What a callback carries that a handler has put into the inbox itself, for one handler alone. It is plain JSON. */
export interface Relay {
  /** Which handler: see `Receiver.onRelayed`. */
  readonly to: string;
  /** What else it needs. */
  readonly [attribute: string]: unknown;
}

/** The attribute of a body that holds the relay. */
const ATTRIBUTE = "sheethookRelay";

/** Adds a relay to what a body says. */
export function withRelay<Content extends object>(content: Content, relay: Relay): Content {
  return { ...content, [ATTRIBUTE]: relay };
}

/** Whom a callback is relayed to; undefined for one that Smartsheet sent. */
export function relayOf(content: Callback | Record<string, unknown>): Relay | undefined {
  const relay = content[ATTRIBUTE];
  return isObject(relay) && typeof relay.to === "string" ? relay as Relay : undefined;
}

/** The same without its relay. */
export function withoutRelay<Content extends object>(content: Content): Content {
  const { [ATTRIBUTE]: _, ...rest } = content as Content & Record<string, unknown>;
  return rest as Content;
}
