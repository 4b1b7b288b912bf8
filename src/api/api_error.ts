import { SheethookError } from "../errors.ts";

/** What is known of a call of the Smartsheet API that failed. */
export interface ApiFailure {
  /** The HTTP status; undefined if no usable answer came. */
  readonly status?: number | undefined;
  /** Smartsheet's own number, e.g. 1006. */
  readonly errorCode?: number | undefined;
  /** Smartsheet's support asks for it. */
  readonly refId?: string | undefined;
  /** What to do about it. */
  readonly toDo: string;
  /** How long Smartsheet asked to wait, in its `Retry-After`. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Thrown by a call of the Smartsheet API: `api_refused` if it answered with an error, `api_unanswered` if no usable answer
 * came. Holds no token, in no property and no cause.
 */
export class ApiError extends SheethookError implements ApiFailure {
  /** Always "ApiError". */
  override name = "ApiError";
  /** The HTTP status; undefined if no usable answer came. */
  readonly status: number | undefined;
  /** Smartsheet's own number, e.g. 1006. */
  readonly errorCode: number | undefined;
  /** What Smartsheet's support asks for. */
  readonly refId: string | undefined;
  /** What to do about it. */
  readonly toDo: string;
  /** How long Smartsheet asked to wait, in its `Retry-After`. */
  readonly retryAfterMs: number | undefined;

  /** Without a `failure.status` its code is `api_unanswered`. */
  constructor(message: string, failure: ApiFailure, options?: ErrorOptions) {
    super(failure.status === undefined ? "api_unanswered" : "api_refused", message, options);
    this.status = failure.status;
    this.errorCode = failure.errorCode;
    this.refId = failure.refId;
    this.toDo = failure.toDo;
    this.retryAfterMs = failure.retryAfterMs;
  }
}

/** The error of an answer that can't be one of Smartsheet's. */
export function unexpectedAnswer(message: string): ApiError {
  const toDo = "check the API's URL";
  return new ApiError(`${message}: ${toDo}`, { toDo });
}
