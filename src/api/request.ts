import ky from "ky";
import { optionError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { CHANGE_AGENT_HEADER, MAX_CHANGE_AGENT_LENGTH } from "../smartsheet/headers.ts";
import { ApiError } from "./api_error.ts";
import { budgetOf, type Clock } from "./budget.ts";
import { searchText } from "./ids.ts";
import { errorOf, parseAnswer } from "./answer.ts";
import { parseRateLimit, READ_COST } from "./rate_limit.ts";
import { delayBeforeRetry, isRateLimit, rateLimitDelay } from "./retry.ts";
import { unanswered } from "./unanswered.ts";

/** Options of every call. */
export interface CallOptions {
  /** Ends the call, also while it waits: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * `low` is for work that can wait: while it waits for the token's requests of a minute, all other calls of the token go
   * first, and it leaves them the last fifth of these requests, 60 of 300. @default none: in the order of the calls
   */
  readonly priority?: "low" | undefined;
}

/** Options of a call that changes data. */
export interface WriteOptions extends CallOptions {
  /** The change agent of the change: in a handler, `context.changeAgent`. */
  readonly changeAgent?: string | undefined;
}

/** One call. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Relative to the base URL, without a leading slash. */
  readonly path: string;
  readonly search?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly json?: unknown;
  /** How many requests of the budget it takes. @default 1 */
  readonly cost?: number;
  /** True for `GET /sheets/{id}`, which has its own limit. */
  readonly readsSheet?: boolean;
  /** Whether it may be sent again when it may already have been carried out. @default true for GET and PUT */
  readonly repeatable?: boolean;
  readonly options?: WriteOptions | undefined;
  /** Takes the body of a good answer, and gives what is left of its text. @default all of it is left */
  readonly readBody?: ReadBody | undefined;
}

/** Takes what it wants out of a body. `aborted` is the end of the request. */
export type ReadBody = (body: ReadableStream<Uint8Array>, aborted: AbortSignal) => Promise<string>;

/** Makes one call, with its retries. */
export type SendRequest = (request: ApiRequest) => Promise<Record<string, unknown>>;

/** Options of {@linkcode createSendRequest}. */
export interface Connection extends Clock {
  readonly baseUrl: string;
  readonly token: string;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly random: () => number;
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly requestsPerMinute: number;
  readonly logger: Logger;
}

/**
 * Sends every call: waits for the token's budget, and retries where that is safe. ky sends; its own delays are switched
 * off, because they know neither the error nor the clock.
 */
export function createSendRequest(connection: Connection): SendRequest {
  const { baseUrl, token, attempts, timeoutMs, requestsPerMinute, random } = connection;
  const budget = budgetOf(token);
  const reads = budgetOf(`${token} reads`);

  function noteRateLimit(call: string, readsSheet: boolean, { headers }: Response): void {
    const now = connection.now();
    const told = parseRateLimit(headers, now);
    if (!told) return;
    const { remaining, limit, until } = told;
    // Reads of sheets have a limit of their own; what else has these headers limits the whole token.
    const [limited, cost, what] = readsSheet ? [reads, READ_COST, "reads of sheets"] : [budget, 1, "requests"];
    if (remaining < limit / 5) limited.pause(until, connection, "low");
    if (remaining >= cost) return;
    limited.pause(until, connection);
    const seconds = Math.ceil((until - now) / 1000);
    connection.logger.warn("{call} used up the token's {what}: the next one waits {seconds} s", {
      ...{ call, what, seconds },
    });
  }

  return async ({ method, path, search, json, cost = 1, readsSheet = false, options = {}, readBody, ...rest }) => {
    const { signal, changeAgent, priority } = options;
    if (priority !== undefined && priority !== "low") throw optionError("priority", priority, "low, or left out");
    const repeatable = rest.repeatable ?? (method === "GET" || method === "PUT");
    const call = `${method} /${path}`;
    const headers = headersOf(token, changeAgent);
    const delayOf = (error: unknown, retries: number) =>
      signal?.aborted ? undefined : delayBeforeRetry(error, repeatable, retries, random);

    let answer: Record<string, unknown> = {};
    try {
      await ky(path, {
        prefixUrl: baseUrl,
        method,
        ...(json !== undefined && { json }),
        searchParams: search && searchText(search),
        headers,
        // A redirect would take the token elsewhere.
        redirect: "manual",
        throwHttpErrors: false,
        timeout: timeoutMs,
        // Read here: ky gives its hooks a clone, whose body is held twice.
        fetch: async (input) => {
          const request = input as Request;
          const response = await connection.fetch(request);
          const { ok, body } = response;
          const text = ok && body && readBody ? await readBody(body, request.signal) : await response.text();
          noteRateLimit(call, readsSheet, response);
          if (ok) {
            answer = parseAnswer(call, text);
            if (readsSheet) answer.answeredAt = answeredAt(response);
            return new Response();
          }
          const now = connection.now();
          const error = errorOf({ call, repeatable, token, now }, response, text);
          // Also after the last attempt: the pause applies to all calls with this token.
          if (isRateLimit(error)) budget.pause(now + rateLimitDelay(error), connection);
          throw error;
        },
        ...(signal && { signal }),
        retry: {
          limit: attempts - 1,
          methods: ["get", "post", "put", "delete"],
          delay: () => 0,
          shouldRetry: ({ error, retryCount }) => delayOf(error, retryCount - 1) !== undefined,
        },
        hooks: {
          beforeRequest: [async () => {
            if (readsSheet) await reads.take(1, Infinity, connection, options);
            await budget.take(cost, requestsPerMinute, connection, options);
          }],
          beforeRetry: [async ({ error, retryCount }) => {
            const delayMs = delayOf(error, retryCount - 1) ?? 0;
            // Of what can wait, the caller tells its failures.
            connection.logger[priority === "low" ? "debug" : "warn"]("{error}; sent again in {seconds} s", {
              error: error instanceof ApiError ? error.message : unanswered(call, baseUrl, error, repeatable).message,
              seconds: Math.ceil(delayMs / 100) / 10,
            });
            if (!isRateLimit(error)) await connection.sleep(delayMs, signal);
            signal?.throwIfAborted();
          }],
        },
      });
      return answer;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw error instanceof ApiError ? error : unanswered(call, baseUrl, error, repeatable);
    }
  };
}

/** By Smartsheet's own clock. */
function answeredAt({ headers }: Response): string | undefined {
  const time = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** @throws {SheethookError} `option_invalid` for a change agent that a header can't hold */
function headersOf(token: string, changeAgent: string | undefined): Record<string, string> {
  if (
    changeAgent !== undefined && !(/^[\x20-\x7e]+$/.test(changeAgent) && changeAgent.length <= MAX_CHANGE_AGENT_LENGTH)
  ) {
    throw optionError("changeAgent", changeAgent, `1 to ${MAX_CHANGE_AGENT_LENGTH} characters of ASCII`);
  }
  return {
    authorization: `Bearer ${token}`,
    accept: "application/json",
    ...(changeAgent !== undefined && { [CHANGE_AGENT_HEADER]: changeAgent }),
  };
}
