import { isObject, parseJson } from "../json.ts";
import { adviceOn } from "./advice.ts";
import { ApiError, unexpectedAnswer } from "./api_error.ts";
import { parseRetryAfter } from "./retry_after.ts";

/**
 * The error of an answer other than 200. It never shows `token`, even if Smartsheet's answer does.
 *
 * @param request.call for messages: `GET /webhooks/1`
 *
 * https://developers.smartsheet.com/api/smartsheet/guides/basics/error-handling
 */
export function errorOf(
  { call, repeatable, token, now }: { call: string; repeatable: boolean; token: string; now: number },
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
 * The JSON object in an answer.
 *
 * @throws {ApiError} `api_unanswered` for anything else, which isn't an answer of Smartsheet's
 * @throws {SyntaxError} if the JSON breaks off, as a lost connection leaves it
 */
export function parseAnswer(call: string, text: string): Record<string, unknown> {
  const json = parseJson(text);
  if (isObject(json)) return json;
  const [first] = text.trimStart();
  if (first === "{" && json === undefined) throw new SyntaxError(`the JSON breaks off after ${text.length} characters`);
  const what = first === "<" ? "a page of HTML" : "something other than a JSON object";
  const toDo = "check the API's URL: something else answers there";
  throw new ApiError(`${call} was answered with ${what}: ${toDo}`, { toDo });
}

/** The `result` of an answer. @throws {ApiError} `api_unanswered` */
export function resultOf<Result>({ result }: Record<string, unknown>): Result {
  if (typeof result === "object" && result !== null) return result as Result;
  throw unexpectedAnswer("The answer has no result, but should have one");
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
