/** A host without its brackets, port and trailing dot, in lower case. */
function bareHost(text: string): string {
  const host = text.trim().toLowerCase();
  const bracketed = /^\[(.*)\](?::\d*)?$/.exec(host)?.[1];
  // An IPv6 address without brackets has more than one colon.
  return bracketed ?? host.replace(/^([^:]*):\d*$/, "$1").replace(/\.$/, "");
}

/** True for an interface that only this machine can reach. */
export function isLoopback(hostname: string): boolean {
  const bare = bareHost(hostname);
  return bare === "localhost" || bare === "::1" || /^127(\.\d{1,3}){3}$/.test(bare);
}

/**
 * Makes a check that a request is meant for us: `Host`, apart from its port, is one of `names`. A stranger's page whose
 * name resolves to this machine (DNS rebinding) sends its own name.
 */
export function createHostCheck(names: readonly string[]): (request: Request) => boolean {
  const known = new Set(names.map(bareHost));
  return (request) => known.has(bareHost(hostOf(request)));
}

/**
 * Makes a check that one of our own pages makes a request: its `Origin` is the origin of the request itself, or that of
 * `url`, the proxy in front. Browsers send an origin with every POST.
 */
export function createOriginCheck(url: URL | undefined): (request: Request) => boolean {
  return (request) => {
    const site = request.headers.get("sec-fetch-site");
    if (site !== null && site !== "same-origin" && site !== "none") return false;
    const origin = originOf(request.headers.get("origin") ?? "");
    if (origin === undefined) return false;
    const own = originOf(`${new URL(request.url).protocol}//${hostOf(request)}`);
    return origin === own || (url !== undefined && origin === originOf(url.origin));
  };
}

/**
 * True if a page of another origin embeds this request, as an image, a frame or a stream. It couldn't read the answer, but
 * it could use up all event streams and keep the inbox busy. Following a link is allowed.
 */
export function isForeignFetch({ headers, method }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  if (method !== "GET" || (site !== "cross-site" && site !== "same-site")) return false;
  return headers.get("sec-fetch-mode") !== "navigate" || headers.get("sec-fetch-dest") !== "document";
}

function hostOf(request: Request): string {
  return request.headers.get("host") ?? URL.parse(request.url)?.host ?? "";
}

/** Normalises an origin, and removes a trailing dot from its host. */
function originOf(text: string): string | undefined {
  const url = URL.parse(text);
  return url && url.origin !== "null" ? url.origin.replace(/\.(?=:\d+$|$)/, "") : undefined;
}
