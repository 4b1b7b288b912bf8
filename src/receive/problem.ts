import type { ErrorCode } from "../errors.ts";

/** What an answer other than 200 says, how loud the log is about it, and the errors that lead to it. */
interface Problem {
  /** The status's own phrase, as RFC 9457 wants it of `about:blank`. */
  readonly title: string;
  readonly detail: string;
  readonly level: "warn" | "error";
  readonly codes?: readonly ErrorCode[];
  readonly headers?: Readonly<Record<string, string>>;
}

const PROBLEMS = {
  400: {
    title: "Bad Request",
    detail: "Not a Smartsheet callback",
    level: "warn",
    codes: ["body_unreadable", "challenge_invalid", "callback_invalid"],
  },
  401: { title: "Unauthorized", detail: "Signature missing or wrong", level: "warn" },
  403: { title: "Forbidden", detail: "Not a webhook of this receiver", level: "warn" },
  404: { title: "Not Found", detail: "Nothing is served at this path", level: "warn" },
  405: {
    title: "Method Not Allowed",
    detail: "Only POST is answered here",
    level: "warn",
    headers: { allow: "POST" },
  },
  408: { title: "Request Timeout", detail: "Body took too long", level: "warn", codes: ["body_timeout"] },
  413: { title: "Content Too Large", detail: "Body too large", level: "warn", codes: ["body_too_large"] },
  500: { title: "Internal Server Error", detail: "Handler failed", level: "error" },
  503: {
    title: "Service Unavailable",
    detail: "Can't accept callbacks now",
    level: "error",
    codes: ["bodies_full"],
    headers: { "retry-after": "30" },
  },
} as const satisfies Record<number, Problem>;

/** The statuses other than 200 that a receiver and its server adapters answer with. */
export type ProblemStatus = keyof typeof PROBLEMS;

/** How loud the log is about an answer. */
export function levelOf(status: ProblemStatus): "warn" | "error" {
  return PROBLEMS[status].level;
}

/** The status for an error; 503 for one that no status names: Smartsheet sends the callback again. */
export function statusOf(code: ErrorCode | undefined): ProblemStatus {
  const all = Object.entries<Problem>(PROBLEMS);
  const found = code && all.find(([, { codes }]) => codes?.includes(code));
  return found ? Number(found[0]) as ProblemStatus : 503;
}

/** An RFC 9457 answer with a constant text, which gives nothing away. */
export function problem(status: ProblemStatus): Response {
  const { title, detail, headers }: Problem = PROBLEMS[status];
  return new Response(JSON.stringify({ type: "about:blank", title, status, detail }), {
    status,
    headers: { "content-type": "application/problem+json", "x-content-type-options": "nosniff", ...headers },
  });
}
