import type { MiddlewareHandler } from "hono";
import { ApiError } from "../api_error.ts";

/** Stands in `hosts` for any name. */
const ANY_HOST = "*";

/**
 * Refuses what a stranger's web page may have a browser send: a name that the page's owner has pointed here (DNS
 * rebinding), and requests of another origin. Browsers always tell both; who isn't one, or calls in process, tells no
 * origin.
 *
 * @param hosts names besides loopback's; `*` is any
 */
export function createCallerCheck(hosts: readonly string[]): MiddlewareHandler {
  const known = new Set(hosts.map(bareName));
  const isKnown = (name: string) => known.has(ANY_HOST) || known.has(name) || isLoopbackName(name);

  return async ({ req }, next) => {
    // There is none in process.
    const host = req.header("host");
    if (host !== undefined && !isKnown(nameOf(`http://${host}`))) {
      throw new ApiError(421, 1004, `The simulator is asked by the name ${host}: --host or hosts should allow it.`);
    }
    const site = req.header("sec-fetch-site");
    const isForeign = site !== undefined && site !== "same-origin" && site !== "none";
    const origin = req.header("origin");
    if (isForeign || (origin !== undefined && URL.parse(origin)?.host !== (host ?? new URL(req.url).host))) {
      throw new ApiError(403, 1004, "The simulator takes no request of a web page of another origin.");
    }
    await next();
  };
}

function nameOf(url: string): string {
  return bareName(URL.parse(url)?.hostname ?? "");
}

/** Without brackets, and without the dot that may end a name. */
function bareName(name: string): string {
  return name.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}
