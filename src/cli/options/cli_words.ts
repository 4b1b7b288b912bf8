import { SheethookError } from "../../errors.ts";

/** The flag or the environment variable of each option of the library. */
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
 * An error of the library in the words of the command line: a message that names an option names the flag or the variable
 * instead. Returns any other error unchanged.
 *
 * @param names flags that differ from the usual ones
 */
export function inCliWords(error: unknown, names: Readonly<Record<string, string>> = {}): unknown {
  if (!(error instanceof SheethookError) || error.option === undefined) return error;
  const { option, code, message } = error;
  const name = new Map(Object.entries({ ...NAMES, ...names })).get(option);
  if (name === undefined) return error;
  return new SheethookError(code, message.replace(RegExp(`\\b${option}\\b`), () => name), { cause: error });
}
