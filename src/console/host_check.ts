/** True for an interface that only this machine reaches. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return bare === "localhost" || bare === "::1" || /^127(\.\d{1,3}){3}$/.test(bare);
}

/**
 * Tells whether a request was meant for us: its `Host`, without the port, is a name of loopback's or `hostname`. A page of
 * a stranger's that has its own name point here (DNS rebinding) sends that name.
 */
export function createHostCheck(hostname: string): (request: Request) => boolean {
  const bare = hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  const known = new Set(["localhost", "127.0.0.1", "[::1]", bare.includes(":") ? `[${bare}]` : bare]);
  return (request) => known.has(hostOf(request).replace(/:\d*$/, "").toLowerCase());
}

/**
 * True if a page of ours makes this request, not one of somebody else's. Browsers tell the origin of every POST.
 */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return false;
  return request.headers.get("origin")?.toLowerCase() === `http://${hostOf(request).toLowerCase()}`;
}

/**
 * True for what a page of another origin has its reader's browser fetch, as an image, a frame or a stream. It couldn't read
 * the answer, but could take all places for open pages, and keep the inbox busy. Links are followed.
 */
export function isForeignFetch({ headers, method }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  if (method !== "GET" || (site !== "cross-site" && site !== "same-site")) return false;
  return headers.get("sec-fetch-mode") !== "navigate" || headers.get("sec-fetch-dest") !== "document";
}

function hostOf(request: Request): string {
  return request.headers.get("host") ?? new URL(request.url).host;
}
