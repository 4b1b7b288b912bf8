import type { Inbox } from "../inbox/inbox.ts";
import type { InspectableInbox } from "../inbox/inspect.ts";
import type { Logger } from "../logger.ts";

/** @see createAdmin */
export interface AdminOptions {
  /** What is shown, counted and acted on. */
  readonly inbox: Inbox & InspectableInbox;
  /**
   * The name or address that people and Prometheus call, besides `localhost`, `127.0.0.1` and `[::1]`: a request with
   * another `Host` is refused, or a page of a stranger's could reach this one through a name of its own.
   * @default "127.0.0.1"
   */
  readonly hostname?: string | undefined;
  /** Opens the console, at least 16 characters; on another interface than loopback there is none without it. */
  readonly token?: string | undefined;
  /** The receiver's, to tell own changes. @default "sheethook" */
  readonly changeAgent?: string | undefined;
  /** The receiver's. @default "ignore" */
  readonly ownChanges?: "ignore" | "deliver" | undefined;
  /** The webhooks at Smartsheet and their state. Without it that part is left out. */
  readonly webhooks?: (() => readonly WebhookState[] | Promise<readonly WebhookState[]>) | undefined;
  /** Why a callback that came now would be refused (no secret, stopping); undefined if it wouldn't. */
  readonly refusing?: (() => string | undefined) | undefined;
  /** @default warnings and errors on the console */
  readonly logger?: Logger | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** A webhook as it stands at Smartsheet. */
export interface WebhookState {
  readonly id: number;
  readonly name?: string | undefined;
  /** `ENABLED`, `DISABLED_BY_OWNER`, ... */
  readonly status: string;
  readonly enabled: boolean;
  /** When it was seen in this state first, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** For one that isn't enabled. */
  readonly whatToDo?: string | undefined;
}
