import { Buffer } from "node:buffer";
import { type FuzzRequest, headerOf } from "../http/request.ts";
import { expectedOfPost } from "./expected_of_post.ts";
import type { Members } from "./is_callback.ts";

/** What the contract allows as the answer to one request. */
export interface Expectation {
  readonly isHead: boolean;
  /** Every status that is allowed. */
  readonly statuses: readonly number[];
  /** The connection may be closed in the place of an answer. */
  readonly mayClose: boolean;
  /** What a 200 may echo. */
  readonly echo?: string | undefined;
  /** What a 200 that echoes nothing stores. */
  readonly stores?: Members | undefined;
  /** It is `GET /healthz`, for which a 200 stores nothing. */
  readonly isHealth?: boolean;
  /** A 200 may be a page of the host's, which stores nothing. */
  readonly mayBePage?: boolean;
  /** The runtime may give the answer itself, in a form of its own. */
  readonly isRuntimes: boolean;
}

/** What a server may answer to what isn't HTTP, or is more than it takes. */
export const REFUSALS = [400, 405, 408, 411, 413, 414, 417, 421, 426, 431, 501, 505];
const OWN_METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** What the contract says of one whole request. @param isEmbedded all paths but the callback's are those of a host */
export function expectationOf(request: FuzzRequest, isEmbedded = false): Expectation {
  const expected = isEmbedded ? inHost(request) : expectationOfSane(request, false);
  // deno-lint-ignore no-control-regex -- these may stand in no header
  return request.headers.some(([, value]) => /[\0-\x08\x0a-\x1f\x7f]/.test(value)) ? lenient(expected) : expected;
}

/** A framework has its own opinion of methods and content types, and may want a Host. */
function inHost(request: FuzzRequest): Expectation {
  const expected = { ...expectationOfSane(request, true), isRuntimes: true };
  const isSane = OWN_METHODS.concat("POST").includes(request.method) &&
    headerOf(request, "Host") !== undefined && headerOf(request, "Content-Type") === "application/json";
  return isSane ? expected : { ...lenient(expected), statuses: [...lenient(expected).statuses, 404, 415, 500] };
}

function expectationOfSane(request: FuzzRequest, isEmbedded: boolean): Expectation {
  const { method, target } = request;
  const isHead = method === "HEAD";
  const isOdd = !["POST", ...OWN_METHODS].includes(method);
  const base = { isHead, mayClose: isOdd, isRuntimes: isOdd };
  const place = isEmbedded && target !== "/webhook" ? "odd" : placeOf(target);
  if (place === "health" && method === "GET") return { ...base, statuses: [200], isHealth: true };
  if (place === "health") {
    return { ...base, statuses: isOdd ? [404, ...REFUSALS] : isHead ? [200, 404] : [404], isHealth: isHead };
  }
  if (place === "elsewhere") return { ...base, statuses: isOdd ? [404, ...REFUSALS] : [404] };
  const own = method === "POST"
    ? { ...base, ...expectedOfPost(request) }
    // Some runtimes write the names of methods in upper case, as fetch does.
    : method.toUpperCase() === "POST"
    ? { ...base, ...lenient(expectedOfPost(request)) }
    : { ...base, statuses: isOdd ? REFUSALS : [405] };
  if (place === "callback") return own;
  const { statuses } = lenient(own);
  return {
    ...own,
    statuses: [...statuses, 404, ...(isEmbedded ? [200] : [])],
    mayClose: true,
    isRuntimes: true,
    mayBePage: isEmbedded,
  };
}

/** The same, where a server may also refuse. */
export function lenient<Expected extends Pick<Expectation, "statuses">>(expected: Expected) {
  return { ...expected, statuses: [...expected.statuses, ...REFUSALS], mayClose: true, isRuntimes: true };
}

/** `odd` may be read as the callback's path, or as another one. */
function placeOf(target: string): "callback" | "health" | "elsewhere" | "odd" {
  const [path = ""] = target.split("?");
  if (path === "/webhook") return "callback";
  if (path === "/healthz") return "health";
  return /^\/[\w./-]*$/.test(path) && !/\/\.|^\/\//.test(path) ? "elsewhere" : "odd";
}

/** The expectation in words, for a person. */
export function inWords({ statuses, mayClose, echo, stores }: Expectation): string {
  const what = echo !== undefined
    ? ` (echo ${Buffer.from(echo).toString("latin1").slice(0, 60)})`
    : stores
    ? " (stored)"
    : "";
  return `${[...new Set(statuses)].join(", ")}${what}${mayClose ? " or a closed connection" : ""}`;
}
