import type { MiddlewareHandler } from "hono";
import { ApiError } from "../api_error.ts";

/** Allows any name in `hosts`. */
const ANY_HOST = "*";

/**
 * Refuses requests that a stranger's web page can make a browser send: those for a name that resolves here (DNS
 * rebinding), and those from another origin. Browsers always send both headers; other clients send no origin.
 *
 * @param hosts names besides loopback's; `*` allows any
 */
export function createCallerCheck(hosts: readonly string[]): MiddlewareHandler {
  const known = new Set(hosts.map(bareName));
  const isKnown = (name: string) => known.has(ANY_HOST) || known.has(name) || isLoopbackName(name);

  return async ({ req }, next) => {
    // Calls within the process have no Host.
    const host = req.header("host");
    if (host !== undefined && !isKnown(nameOf(`http://${host}`))) {
      throw new ApiError(
        421,
        1004,
        `The simulator does not answer to the name ${host}: allow it with --host or hosts.`,
      );
    }
    const site = req.header("sec-fetch-site");
    const isForeign = site !== undefined && site !== "same-origin" && site !== "none";
    const origin = req.header("origin");
    if (isForeign || (origin !== undefined && URL.parse(origin)?.host !== (host ?? new URL(req.url).host))) {
      throw new ApiError(403, 1004, "The simulator takes no requests from web pages of another origin.");
    }
    await next();
  };
}

function nameOf(url: string): string {
  return bareName(URL.parse(url)?.hostname ?? "");
}

/** In lower case, without brackets and without a trailing dot. */
function bareName(name: string): string {
  return name.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}
