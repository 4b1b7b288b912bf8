import process from "node:process";
import type { Api } from "../../api/api.ts";
import type { Logger } from "../../logger.ts";
import type { Tracing } from "../../tracing_port.ts";
import { API_URLS, type Region } from "../../smartsheet/hosts.ts";
import { usageError } from "../terminal/usage_error.ts";
import { inCliWords } from "./cli_words.ts";

/**
 * Opens the API with SMARTSHEET_ACCESS_TOKEN and SMARTSHEET_API_URL. Without a logger a person is waiting: if the API
 * can't be reached at all, the first call fails after one retry.
 *
 * @throws {SheethookError} `option_invalid`; the message shows neither of them
 */
export async function openApi(logger?: Logger, tracing?: Tracing): Promise<Api> {
  const token = process.env.SMARTSHEET_ACCESS_TOKEN?.trim() || throwNoToken();
  return await openApiWith({ token, variable: "SMARTSHEET_ACCESS_TOKEN" }, logger, tracing);
}

/** @throws {SheethookError} `option_invalid`, always */
export function throwNoToken(): never {
  throw usageError(
    "SMARTSHEET_ACCESS_TOKEN isn't set: it should be a Smartsheet access token with the scope ADMIN_WEBHOOKS",
  );
}

/** A token that isn't SMARTSHEET_ACCESS_TOKEN. */
export interface OtherToken {
  readonly token: string;
  /** The environment variable that holds it, for messages. */
  readonly variable: string;
  readonly region?: Region | undefined;
  readonly apiUrl?: string | undefined;
}

/** Opens the API with a token. Without a region and a URL, SMARTSHEET_API_URL counts. For `logger` see {@link openApi}. */
export async function openApiWith(
  { token, variable, region, apiUrl }: OtherToken,
  logger?: Logger,
  tracing?: Tracing,
): Promise<Api> {
  const url = apiUrl ?? (region ? undefined : process.env.SMARTSHEET_API_URL?.trim() || undefined);
  // Imported here because most commands start without it.
  const [{ createApi }, { createImpatientFetch }] = await Promise.all([
    import("../../api/api.ts"),
    import("./impatient_fetch.ts"),
  ]);
  try {
    return createApi({
      token,
      region,
      apiUrl: url,
      tracing,
      ...(logger ? { logger } : { fetch: createImpatientFetch() }),
    });
  } catch (cause) {
    throw inCliWords(cause, { token: variable });
  }
}

/** Whether SMARTSHEET_ACCESS_TOKEN is set. */
export function hasToken(): boolean {
  return Boolean(process.env.SMARTSHEET_ACCESS_TOKEN?.trim());
}

/** The same for a watch, which logs each outage once itself. */
export async function openWatchApi(logger: Logger): Promise<Api> {
  return await openApi(debugOnly(logger));
}

/** A logger for the API that logs retries at debug only. */
export function debugOnly(logger: Logger): Logger {
  const logDebug: Logger["warn"] = (message, properties) => logger.debug(message, properties);
  return { debug: logDebug, info: logDebug, warn: logDebug, error: logDebug };
}

/** The part of `--help` about the API. */
export const API_HELP = `
  SMARTSHEET_ACCESS_TOKEN  the access token; never an argument
  SMARTSHEET_API_URL       default: ${API_URLS.us}; other
                           regions: ${API_URLS.eu},
                           ${API_URLS.au},
                           ${API_URLS.gov}`;
