import type { Inbox } from "../inbox/inbox.ts";
import type { InspectableInbox } from "../inbox/inspect.ts";
import type { Logger } from "../logger.ts";

/** What {@linkcode createAdmin} takes: an inbox at least. */
export interface AdminOptions {
  /** What is shown, counted and acted on. */
  readonly inbox: Inbox & InspectableInbox;
  /**
   * The interface that the port is opened on, then further names and addresses that it is called by, besides `localhost`,
   * `127.0.0.1` and `[::1]`. A request with another `Host` is refused: otherwise a stranger's page could reach this port
   * through a name of its own. With the token, `/metrics` and `/readyz` answer whatever `Host`. @default "127.0.0.1"
   */
  readonly hostname?: string | readonly string[] | undefined;
  /**
   * Where people find it behind a proxy, e.g. `https://ops.example.com/sheethook`: its host and origin are accepted, links
   * begin with its path, and over https the cookie is `Secure`. The console then needs a token. @default none
   */
  readonly url?: string | URL | undefined;
  /** Opens the console, at least 16 characters; where others can reach the port there is no console without it. */
  readonly token?: string | undefined;
  /** The receiver's, to tell own changes. @default "sheethook" */
  readonly changeAgent?: string | undefined;
  /** The receiver's. @default "ignore" */
  readonly ownChanges?: "ignore" | "deliver" | undefined;
  /** The webhooks at Smartsheet and their state. Without it that part is left out. */
  readonly webhooks?: (() => readonly WebhookState[] | Promise<readonly WebhookState[]>) | undefined;
  /** Why a callback that came now would be refused (no secret, stopping); undefined if it wouldn't. */
  readonly refusing?: (() => string | undefined) | undefined;
  /** Where callbacks go, once the receiver listens: for the page that says how to send the first one. */
  readonly callbackUrl?: (() => string | undefined) | undefined;
  /** Where failures are logged. @default warnings and errors on the console */
  readonly logger?: Logger | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** A webhook as it stands at Smartsheet. */
export interface WebhookState {
  /** The webhook's id. */
  readonly id: number;
  /** Its name at Smartsheet. */
  readonly name?: string | undefined;
  /** `ENABLED`, `DISABLED_BY_OWNER`, ... */
  readonly status: string;
  /** Whether its owner wants callbacks. */
  readonly enabled: boolean;
  /** When it was seen in this state first, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** For one that isn't enabled. */
  readonly whatToDo?: string | undefined;
}
