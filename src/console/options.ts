import type { Inbox } from "../inbox/inbox.ts";
import type { InspectableInbox } from "../inbox/inspect.ts";
import type { Logger } from "../logger.ts";

/** Options of {@linkcode createAdmin}; only the inbox is required. */
export interface AdminOptions {
  /** The inbox that is shown and measured, and whose callbacks are replayed and discarded. */
  readonly inbox: Inbox & InspectableInbox;
  /**
   * The interface that the port listens on, then further names and addresses of the server. `localhost`, `127.0.0.1` and
   * `[::1]` are always accepted. A request with another `Host` is refused: otherwise a stranger's page could reach this
   * port through a name of its own. With the token, `/metrics` and `/readyz` answer to any `Host`. @default "127.0.0.1"
   */
  readonly hostname?: string | readonly string[] | undefined;
  /**
   * The URL of a proxy in front, e.g. `https://ops.example.com/sheethook`: its host and origin are accepted, links
   * begin with its path, and over https the cookie is `Secure`. The console then needs a token. @default none
   */
  readonly url?: string | URL | undefined;
  /** The token for the console, at least 16 characters. Required for the console if others can reach the port. */
  readonly token?: string | undefined;
  /** The receiver's change agent, to recognise own changes. @default "sheethook" */
  readonly changeAgent?: string | undefined;
  /** The receiver's option of this name. @default "ignore" */
  readonly ownChanges?: "ignore" | "deliver" | undefined;
  /** Returns the webhooks at Smartsheet and their state. @default none: the overview says how to show them */
  readonly webhooks?: (() => readonly WebhookState[] | Promise<readonly WebhookState[]>) | undefined;
  /** Returns why callbacks are refused at the moment (no secret, stopping); undefined if they are accepted. */
  readonly refusing?: (() => string | undefined) | undefined;
  /** Returns the URL for callbacks once the receiver listens; the console shows it while nothing has come in. */
  readonly callbackUrl?: (() => string | undefined) | undefined;
  /** Where failures are logged. @default warnings and errors on the console */
  readonly logger?: Logger | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** The state of a webhook at Smartsheet. */
export interface WebhookState {
  /** The webhook's id. */
  readonly id: number;
  /** Its name at Smartsheet. */
  readonly name?: string | undefined;
  /** The sheet that it watches; undefined if that isn't known, or if it watches something else. */
  readonly sheetId?: number | undefined;
  /** `ENABLED`, `DISABLED_BY_OWNER`, ... */
  readonly status: string;
  /** Whether its owner wants callbacks. */
  readonly enabled: boolean;
  /** When this state was first seen, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** How to get a disabled webhook enabled. */
  readonly whatToDo?: string | undefined;
}
