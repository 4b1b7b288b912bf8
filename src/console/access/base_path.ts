/**
 * Reads the path of a request, without `base` (a proxy may strip it or not) and without a trailing slash. On Deno and Bun a `Host`
 * that is none makes a URL that can't be parsed: its path is `/`.
 */
export function createGetPath(base: string): (request: Request) => string {
  return (request) => {
    const pathname = URL.parse(request.url)?.pathname ?? "/";
    const path = base && `${pathname}/`.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname;
    return path.replace(/\/$/, "") || "/";
  };
}

/** Adds `base` to the links and the redirect of a response. */
export async function withBase(response: Response, base: string): Promise<Response> {
  if (!base) return response;
  const headers = new Headers(response.headers);
  const location = headers.get("location");
  if (location?.startsWith("/console")) headers.set("location", base + location);
  const isPage = headers.get("content-type")?.startsWith("text/html");
  // A bare quote is always from our own templates: values are escaped.
  const body = isPage
    ? (await response.text()).replace(/ (href|src|action|formaction|data-live)="(?=\/console)/g, (link) => link + base)
    : response.body;
  return new Response(body, { status: response.status, headers });
}
