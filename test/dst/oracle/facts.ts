import type { StoredCallback } from "../../../src/inbox/inspect.ts";
import type { Happening, Stamped } from "../history.ts";

/** What the checks look at: the history, and what is stored in the end. */
export interface Facts {
  readonly history: readonly Stamped[];
  /** Callbacks of Smartsheet, and our own wishes for a comparison. */
  readonly stored: readonly StoredCallback[];
  /** Those that were put into the lane of a target. */
  readonly relayed: readonly StoredCallback[];
  /** The rows whose changes were derived before the read of their callback was given up, by the callback's id. */
  readonly givenUp: ReadonlyMap<number, readonly number[]>;
  /** How many attempts a call has. */
  readonly attempts: number;
  readonly forwardTo: readonly string[];
  readonly forwardAs: "callbacks" | "events" | "changes";
}

/** A happening of one kind. */
export type Of<What extends Happening["what"], Each = Stamped> = Each extends { readonly what: infer Whats }
  ? Whats & What extends never ? never : Each & { readonly what: What }
  : never;

export function only<What extends Happening["what"]>(history: readonly Stamped[], ...whats: What[]): Of<What>[] {
  return history.filter((each): each is Of<What> => (whats as string[]).includes(each.what));
}

/** `webhookId/nonce` of a call's key. */
export function callbackKey(key: string): string {
  return key.split("/", 2).join("/");
}

/** A call's key, up to what it is about: with the number of events, because a retry with more of them may have the same nonce. */
export function identityOf({ webhookId, nonce, body }: StoredCallback): string {
  return `${webhookId}/${nonce}${sizeOf(eventsOf(body))}`;
}

/** Tells callbacks of one nonce apart. */
export function sizeOf(events: readonly unknown[] | undefined): string {
  return `@${events?.length ?? 0}`;
}

/** `webhookId/nonce@events` of a call's key, which ends in `@events`. */
export function callbackOf(key: string): string {
  return `${callbackKey(key)}${key.slice(key.lastIndexOf("@"))}`;
}

/** What a call is about: an event's index, `row/<id>`, `all`, `gap` or `status`. */
export function nameOf(key: string): string {
  return key.slice(callbackKey(key).length + 1, key.lastIndexOf("@"));
}

export interface StoredEvent {
  readonly objectType: string;
  readonly eventType: string;
  readonly changeAgent?: string;
}

export function eventsOf(body: string): readonly StoredEvent[] | undefined {
  return JSON.parse(body).events ?? undefined;
}

/** Whether a list of change agents names us. */
export function isOurs(changeAgent: string | undefined): boolean {
  return changeAgent !== undefined && changeAgent.split(",").some((name) => name.trim() === "ours");
}

/** When somebody acted on a callback, by its key. */
export function actsOf(history: readonly Stamped[]): ReadonlyMap<string, readonly Of<"operator">[]> {
  return Map.groupBy(only(history, "operator"), ({ key }) => key);
}
