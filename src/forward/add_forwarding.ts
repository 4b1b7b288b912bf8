import type { EventCallback } from "../callback/callback.ts";
import type { Context } from "../dispatch/context.ts";
import type { CallbackHandler, ChangeHandler, EventHandler } from "../dispatch/handlers.ts";
import { optionError } from "../errors.ts";
import type { PutOnlyInbox } from "../inbox/inbox.ts";
import { callbackMessage, changeMessage, eventMessage, type Message } from "./message.ts";
import { createPost, type ForwardOptions, type Post } from "./post.ts";
import { createRelay, messageOf, type RelayedPart } from "./relay.ts";

/** What one message is about: a callback, an event, or a changed row. */
export type ForwardUnit = "callbacks" | "events" | "changes";

/** What is used of a `Receiver`. */
export interface ForwardingReceiver {
  /** Registers a handler for events. */
  on(patterns: "*.*", handler: EventHandler): unknown;
  /** Registers a handler for changed rows. */
  onChange(handler: ChangeHandler): unknown;
  /** Registers a handler for callbacks. */
  onCallback(handler: CallbackHandler): unknown;
  /** Registers the one handler of what is relayed to `to`. */
  onRelayed(to: string, handler: CallbackHandler): unknown;
}

/** Options of {@linkcode addForwarding}. */
export interface ForwardingOptions extends ForwardOptions {
  /** What one message is about; `changes` needs a receiver with `api`. @default "callbacks" */
  readonly as?: ForwardUnit | undefined;
  /** The receiver's own inbox: several targets get their lanes in it. */
  readonly inbox?: PutOnlyInbox | undefined;
}

/** What takes the messages of one call: a target, or the relay to several. */
type Take = (part: RelayedPart, message: Message, callback: EventCallback, context: Context) => Promise<void>;

/**
 * Makes a receiver forward to one target or to several; see `forwardTo` for what a target gets.
 *
 * One target is a handler in the lane of each sheet. Each of several has a lane of its own for each sheet, so that one which is down
 * holds up nothing but itself: what a target is to get is put into the inbox again, for it alone.
 *
 * @throws {SheethookError} `option_invalid`, also for a URL that is given twice, and for several without an inbox
 */
export function addForwarding(
  receiver: ForwardingReceiver,
  urls: readonly (string | URL)[],
  { as = "callbacks", inbox, ...options }: ForwardingOptions = {},
): void {
  const posts = namedPosts(urls.map((url) => createPost(url, options)));
  // Also for one: another may have been given until now, and what it got is still there.
  for (const [name, { send }] of posts) {
    receiver.onRelayed(name, (callback, context) => send(messageOf(callback), context));
  }
  const [only] = posts.values();
  if (!only) throw optionError("url", urls, "at least one URL");
  if (posts.size === 1) {
    return register(receiver, as, (_part, message, _callback, context) => only.send(message, context));
  }
  if (!inbox) throw optionError("inbox", inbox, "the receiver's inbox: several targets get their lanes in it");
  const relay = createRelay(inbox, [...posts.keys()], options.now ?? Date.now);
  register(receiver, as, (part, { id, changeAgent }, callback, context) => {
    return relay(callback, { ...part, id, changeAgent }, context);
  });
}

function register(receiver: ForwardingReceiver, as: ForwardUnit, take: Take): void {
  switch (as) {
    case "callbacks":
      receiver.onCallback(function forward(callback, context) {
        return take({ part: "callback" }, callbackMessage(callback, context), callback, context);
      });
      return;
    case "events":
      receiver.on("*.*", function forward(event, context) {
        const callback = { ...context.callback, events: [event] } as EventCallback;
        return take({ part: "event" }, eventMessage(event, callback, context), callback, context);
      });
      return;
    case "changes":
      receiver.onChange(function forward(change, context) {
        const callback = { ...context.callback, events: change.events } as EventCallback;
        return take({ part: "change", change }, changeMessage(change, callback, context), callback, context);
      });
      return;
    default:
      throw optionError("as", as, '"callbacks", "events" or "changes"');
  }
}

/** By the name that each has in the inbox. Two that differ in their queries alone are told apart by their order. */
function namedPosts(posts: readonly Post[]): ReadonlyMap<string, Post> {
  const named = new Map<string, Post>();
  for (const post of posts) {
    const { url, name } = post.target;
    const twins = [...named.values()].filter(({ target }) => target.name === name);
    if (twins.some(({ target }) => target.url.href === url.href)) throw optionError("url", name, "given once");
    named.set(twins.length ? `${name} #${twins.length + 1}` : name, post);
  }
  return named;
}
