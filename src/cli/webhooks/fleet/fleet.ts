import type { Region } from "../../../smartsheet/hosts.ts";

/** Where a token comes from. The token itself is in no file. */
export interface TokenSource {
  /** The environment variable that holds it. */
  readonly env: string;
  readonly region?: Region | undefined;
  readonly apiUrl?: string | undefined;
}

/** What a webhook of the fleet should be like. */
export interface WebhookSettings {
  /** The name of the token whose owner owns the webhook. */
  readonly token: string;
  readonly callbackUrl: string;
  readonly events: readonly string[];
  /** By title or id; none for all. */
  readonly columns: readonly (string | number)[];
}

/** One entry of the file, with the defaults. */
export interface Entry extends WebhookSettings {
  /** Such as `entries[0]`. */
  readonly place: string;
  readonly sheets: readonly number[];
  readonly workspace: number | undefined;
  readonly folder: number | undefined;
  /** Sheets and folders that aren't followed. */
  readonly except: ReadonlySet<number>;
}

/** A fleet: one webhook for each of its sheets. */
export interface Fleet {
  readonly name: string;
  readonly tokens: ReadonlyMap<string, TokenSource>;
  readonly entries: readonly Entry[];
}

/** A sheet that the fleet should have a webhook on. */
export interface DeclaredSheet extends WebhookSettings {
  readonly sheetId: number;
  /** Undefined for one that the file names by its id. */
  readonly name: string | undefined;
  /** Where it is declared: `entries[0].sheets[2]`, or `entries[1], folder 7116448184199044`. */
  readonly place: string;
}

/** Something of the fleet that can't be done; everything else is. */
export interface Problem {
  /** Where it is declared. */
  readonly place: string;
  readonly sheetId?: number | undefined;
  readonly webhookId?: number | undefined;
  readonly message: string;
}
