import { TimeoutError } from "ky";
import { messageOf, SheethookError } from "../errors.ts";
import { MAYBE_DONE } from "./advice.ts";
import { ApiError } from "./api_error.ts";

/** The error of a call without an answer, or without one in time. It holds nothing that shows the token. */
export function unanswered(call: string, baseUrl: string, error: unknown, repeatable: boolean): ApiError {
  const toDo = repeatable ? "check the network and the API's URL, and try again" : MAYBE_DONE;
  // ky's timeout error holds the request, and with it the token: only an error of fetch itself is kept as the cause.
  const cause = isTimeout(error) ? undefined : { cause: error };
  const reason = cause ? `(${deepestMessage(error)})` : "in time";
  return new ApiError(`${call} of ${baseUrl} got no usable answer ${reason}: ${toDo}`, { toDo }, cause);
}

function isTimeout(error: unknown): boolean {
  return error instanceof TimeoutError || (error instanceof SheethookError && error.code === "timeout");
}

/** The message of the deepest cause, because "fetch failed" says nothing. */
function deepestMessage(error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  return deepest instanceof Error && deepest.message ? deepest.message : messageOf(deepest);
}
