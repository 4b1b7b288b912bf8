import { TimeoutError } from "ky";
import { messageOf, SheethookError } from "../errors.ts";
import { MAYBE_DONE } from "./advice.ts";
import { ApiError } from "./api_error.ts";

/** The error of a call that got no answer, or none in time; without what could show the token. */
export function unanswered(call: string, baseUrl: string, error: unknown, repeatable: boolean): ApiError {
  const toDo = repeatable ? "check the network and the API's URL, and try again" : MAYBE_DONE;
  // ky's time-out holds the request, and with it the token: only what fetch itself throws is kept.
  const cause = isTimeout(error) ? undefined : { cause: error };
  const reason = cause ? `(${deepestMessage(error)})` : "in time";
  return new ApiError(`${call} of ${baseUrl} got no usable answer ${reason}: ${toDo}`, { toDo }, cause);
}

function isTimeout(error: unknown): boolean {
  return error instanceof TimeoutError || (error instanceof SheethookError && error.code === "timeout");
}

/** "fetch failed" says nothing; what is behind it does. */
function deepestMessage(error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  return deepest instanceof Error && deepest.message ? deepest.message : messageOf(deepest);
}
