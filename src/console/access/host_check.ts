/** A host without its brackets, port and trailing dot, in lower case. */
function bareHost(text: string): string {
  const host = text.trim().toLowerCase();
  const bracketed = /^\[(.*)\](?::\d*)?$/.exec(host)?.[1];
  // An address of IPv6 without brackets has more than one colon.
  return bracketed ?? host.replace(/^([^:]*):\d*$/, "$1").replace(/\.$/, "");
}

/** True for an interface that only this machine reaches. */
export function isLoopback(hostname: string): boolean {
  const bare = bareHost(hostname);
  return bare === "localhost" || bare === "::1" || /^127(\.\d{1,3}){3}$/.test(bare);
}

/**
 * Tells whether a request was meant for us: its `Host`, whatever its port, is one of `names`. A stranger's page whose own
 * name points here (DNS rebinding) sends that name.
 */
export function createHostCheck(names: readonly string[]): (request: Request) => boolean {
  const known = new Set(names.map(bareHost));
  return (request) => known.has(bareHost(hostOf(request)));
}

/**
 * Tells whether a page of ours makes a request: its `Origin` is where the request itself went, by its own protocol, or
 * `url`, which a proxy in front has. Browsers send the origin with every POST.
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

/** An origin as a browser would write it, without a trailing dot behind its host. */
function originOf(text: string): string | undefined {
  const url = URL.parse(text);
  return url && url.origin !== "null" ? url.origin.replace(/\.(?=:\d+$|$)/, "") : undefined;
}
