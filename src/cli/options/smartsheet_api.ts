import process from "node:process";
import type { Api } from "../../api/api.ts";
import type { Logger } from "../../logger.ts";
import type { Tracing } from "../../tracing_port.ts";
import { API_URLS } from "../../smartsheet/hosts.ts";
import { usageError } from "../terminal/usage_error.ts";
import { inCliWords } from "./cli_words.ts";

/**
 * Opens the API with SMARTSHEET_ACCESS_TOKEN and SMARTSHEET_API_URL. Without a logger a person is waiting: if the API
 * can't be reached at all, the first call fails after one retry.
 *
 * @throws {SheethookError} `option_invalid`; the message shows neither of them
 */
export async function openApi(logger?: Logger, tracing?: Tracing): Promise<Api> {
  const token = process.env.SMARTSHEET_ACCESS_TOKEN?.trim();
  if (!token) {
    throw usageError(
      "SMARTSHEET_ACCESS_TOKEN isn't set: it should be a Smartsheet access token with the scope ADMIN_WEBHOOKS",
    );
  }
  const apiUrl = process.env.SMARTSHEET_API_URL?.trim() || undefined;
  // Imported here because most commands start without it.
  const [{ createApi }, { createImpatientFetch }] = await Promise.all([
    import("../../api/api.ts"),
    import("./impatient_fetch.ts"),
  ]);
  try {
    return createApi({ token, apiUrl, tracing, ...(logger ? { logger } : { fetch: createImpatientFetch() }) });
  } catch (cause) {
    throw inCliWords(cause, { token: "SMARTSHEET_ACCESS_TOKEN" });
  }
}

/** Whether SMARTSHEET_ACCESS_TOKEN is set. */
export function hasToken(): boolean {
  return Boolean(process.env.SMARTSHEET_ACCESS_TOKEN?.trim());
}

/** The same for a watch: retries are logged at debug only, because a watch logs each outage once itself. */
export async function openWatchApi(logger: Logger): Promise<Api> {
  const logDebug: Logger["warn"] = (message, properties) => logger.debug(message, properties);
  return await openApi({ debug: logDebug, info: logDebug, warn: logDebug, error: logDebug });
}

/** The part of `--help` about the API. */
export const API_HELP = `
  SMARTSHEET_ACCESS_TOKEN  the access token; never an argument
  SMARTSHEET_API_URL       default: ${API_URLS.us}; other regions: ${API_URLS.eu},
                           ${API_URLS.au}, ${API_URLS.gov}`;
