import { ApiError } from "../errors.ts";
import { isObject, parseJson } from "../json.ts";
import { adviceOn } from "./advice.ts";

/** What is asked, in words: `GET /webhooks/1`. */
export type Call = string;

/**
 * The error that an answer other than 200 stands for. Whatever Smartsheet says in it, `token` isn't repeated.
 *
 * https://developers.smartsheet.com/api/smartsheet/guides/basics/error-handling
 */
export function errorOf(
  { call, repeatable, token, now }: { call: Call; repeatable: boolean; token: string; now: number },
  response: Response,
  text: string,
): ApiError {
  const { status } = response;
  const { errorCode, message, refId } = parseError(text.replaceAll(token, "(the token)"));
  const toDo = adviceOn(status, errorCode, repeatable);
  const said = message === undefined ? "" : ` ${JSON.stringify(message.slice(0, 500))}`;
  const numbers = [errorCode !== undefined && `error ${errorCode}`, refId && `refId ${refId}`].filter(Boolean).join(
    ", ",
  );
  return new ApiError(`${call} was answered with ${status}${said}${numbers && ` (${numbers})`}: ${toDo}`, {
    status,
    errorCode,
    refId,
    toDo,
    retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), now),
  });
}

/**
 * @throws {ApiError} `api_unanswered` if it is no JSON object: then it isn't Smartsheet that answers
 * @throws {SyntaxError} if it is one that breaks off: the connection's fault
 */
export function parseAnswer(call: Call, text: string): Record<string, unknown> {
  const json = parseJson(text);
  if (isObject(json)) return json;
  const [first] = text.trimStart();
  if (first === "{" && json === undefined) throw new SyntaxError(`its JSON breaks off after ${text.length} characters`);
  const what = first === "<" ? "a page of HTML" : "something other than a JSON object";
  const toDo = "check the API's URL: something else answers there";
  throw new ApiError(`${call} was answered with ${what}: ${toDo}`, { toDo });
}

/** Milliseconds of a `Retry-After`, be it seconds or a date; undefined if it is neither. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}

function parseError(text: string): { errorCode?: number; message?: string; refId?: string } {
  const json = parseJson(text);
  if (!isObject(json)) return {};
  const { errorCode, message, refId } = json;
  return {
    ...(typeof errorCode === "number" && { errorCode }),
    ...(typeof message === "string" && { message }),
    ...(typeof refId === "string" && /^[\w-]{1,64}$/.test(refId) && { refId }),
  };
}
