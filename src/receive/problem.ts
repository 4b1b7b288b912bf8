/** The status's own phrase, as RFC 9457 wants it of `about:blank`, and what we have to say. */
const TEXTS = {
  400: ["Bad Request", "Not a Smartsheet callback"],
  401: ["Unauthorized", "Signature missing or wrong"],
  403: ["Forbidden", "Not a webhook of this receiver"],
  404: ["Not Found", "Nothing is served at this path"],
  405: ["Method Not Allowed", "Only POST is answered here"],
  408: ["Request Timeout", "Body took too long"],
  413: ["Content Too Large", "Body too large"],
  500: ["Internal Server Error", "Handler failed"],
  503: ["Service Unavailable", "Can't accept callbacks now"],
} as const;

/** The statuses other than 200 that a receiver and its doors answer with. */
export type ProblemStatus = keyof typeof TEXTS;

/** An RFC 9457 answer with a constant text, which gives nothing away. */
export function problem(status: ProblemStatus): Response {
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "x-content-type-options": "nosniff",
  };
  if (status === 405) headers.allow = "POST";
  if (status === 503) headers["retry-after"] = "30";
  const [title, detail] = TEXTS[status];
  return new Response(JSON.stringify({ type: "about:blank", title, status, detail }), { status, headers });
}
