/** The path that a request asks for, without `base` and a trailing slash: a proxy may leave `base` in it or take it away. */
export function createGetPath(base: string): (request: Request) => string {
  return (request) => {
    const { pathname } = new URL(request.url);
    const path = base && `${pathname}/`.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname;
    return path.replace(/\/$/, "") || "/";
  };
}

/** The response with `base` before each path of ours that it leads to. */
export async function withBase(response: Response, base: string): Promise<Response> {
  if (!base) return response;
  const headers = new Headers(response.headers);
  const location = headers.get("location");
  if (location?.startsWith("/console")) headers.set("location", base + location);
  const isPage = headers.get("content-type")?.startsWith("text/html");
  // Only our own templates write a quote: what is put into them is escaped.
  const body = isPage
    ? (await response.text()).replace(/ (href|src|action|data-live)="(?=\/console)/g, (link) => link + base)
    : response.body;
  return new Response(body, { status: response.status, headers });
}
