import process from "node:process";
import type { Api } from "../../api/api.ts";
import type { Logger } from "../../logger.ts";
import { API_URLS } from "../../smartsheet/hosts.ts";
import { usageError } from "../terminal/usage_error.ts";
import { inCliWords } from "./cli_words.ts";

/**
 * The API that SMARTSHEET_ACCESS_TOKEN and SMARTSHEET_API_URL tell. Without a logger somebody waits in front of a
 * terminal: if the API can't be reached at all, the first call says so after one repetition.
 *
 * @throws {SheethookError} `option_invalid`, which never shows them
 */
export async function openApi(logger?: Logger): Promise<Api> {
  const token = process.env.SMARTSHEET_ACCESS_TOKEN?.trim();
  if (!token) {
    throw usageError(
      "SMARTSHEET_ACCESS_TOKEN isn't set: it should be an access token of Smartsheet's, with the scope ADMIN_WEBHOOKS",
    );
  }
  const apiUrl = process.env.SMARTSHEET_API_URL?.trim() || undefined;
  // Not before it is asked for: most commands start without it.
  const [{ createApi }, { createImpatientFetch }] = await Promise.all([
    import("../../api/api.ts"),
    import("./impatient_fetch.ts"),
  ]);
  try {
    return createApi({ token, apiUrl, ...(logger ? { logger } : { fetch: createImpatientFetch() }) });
  } catch (cause) {
    throw inCliWords(cause, { token: "SMARTSHEET_ACCESS_TOKEN" });
  }
}

/** The same for a watch, which tells once of what its repetitions couldn't mend: each of them would be told for ever. */
export async function openWatchApi(logger: Logger): Promise<Api> {
  const tellQuietly: Logger["warn"] = (message, properties) => logger.debug(message, properties);
  return await openApi({ debug: tellQuietly, info: tellQuietly, warn: tellQuietly, error: tellQuietly });
}

/** What `--help` says of it. */
export const API_HELP = `
  SMARTSHEET_ACCESS_TOKEN  the access token; never an argument
  SMARTSHEET_API_URL       default: ${API_URLS.us}; other regions: ${API_URLS.eu},
                           ${API_URLS.au}, ${API_URLS.gov}`;
