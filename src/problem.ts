const TITLES = {
  400: "Not a Smartsheet callback",
  401: "Signature missing or wrong",
  403: "Not a webhook of this receiver",
  405: "Only POST is answered here",
  408: "Body took too long",
  413: "Body too large",
  500: "Handler failed",
  503: "Can't accept callbacks now",
} as const;

/** The statuses other than 200 that a receiver answers with. */
export type ProblemStatus = keyof typeof TITLES;

/** An RFC 9457 answer with a constant text, which gives nothing away. */
export function problem(status: ProblemStatus): Response {
  const headers: Record<string, string> = { "content-type": "application/problem+json" };
  if (status === 405) headers.allow = "POST";
  if (status === 503) headers["retry-after"] = "30";
  return new Response(JSON.stringify({ type: "about:blank", title: TITLES[status], status }), { status, headers });
}
