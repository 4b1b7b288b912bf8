import { SheethookError } from "../../errors.ts";

/** What the command line, or the environment, calls options of the library. */
const NAMES: Readonly<Record<string, string>> = {
  apiUrl: "SMARTSHEET_API_URL",
  attempts: "--attempts",
  certFile: "--cert",
  changeAgent: "--change-agent",
  concurrency: "--concurrency",
  hostname: "--host",
  key: "SHEETHOOK_SECRETS_KEY",
  keepMs: "--keep",
  keyFile: "--key",
  maxAgeMs: "--max-age",
  path: "--path",
  port: "--port",
  secrets: "SHEETHOOK_SECRET",
  webhookIds: "--webhook-ids",
};

/**
 * An error of the library's in the words of the command line: where its message names an option, it names the flag or the
 * variable instead. Any other error stays as it is.
 *
 * @param names those that mean something else here than they usually do
 */
export function inCliWords(error: unknown, names: Readonly<Record<string, string>> = {}): unknown {
  if (!(error instanceof SheethookError) || error.option === undefined) return error;
  const { option, code, message } = error;
  const name = new Map(Object.entries({ ...NAMES, ...names })).get(option);
  if (name === undefined) return error;
  return new SheethookError(code, message.replace(RegExp(`\\b${option}\\b`), () => name), { cause: error });
}
