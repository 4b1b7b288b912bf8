import { optionError } from "../../errors.ts";
import type { AdminOptions } from "../options.ts";
import { createHostCheck, createOriginCheck, isLoopback } from "./host_check.ts";

/** The names of the admin port, and the checks that follow from them. */
export interface Address {
  /** All accepted values of `Host`, loopback's first. */
  readonly names: readonly string[];
  /** True if `Host` is one of them. */
  readonly isOurHost: (request: Request) => boolean;
  /** True if one of our own pages makes this request. */
  readonly isOurOrigin: (request: Request) => boolean;
  /** True if only this machine can reach the port. */
  readonly isLocal: boolean;
  /** The path of the proxy before `/console`, e.g. `/sheethook`; usually empty. */
  readonly base: string;
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
const NAME = /^(?:\[[\da-f:.]+\]|[\da-f:.]*:[\da-f:.]*:[\da-f:.]*|[\w.-]+)$/i;

/** @throws {SheethookError} `option_invalid` for a name with a port or a scheme, and for a `url` that isn't http(s) */
export function parseAddress({ hostname = "127.0.0.1", url }: Pick<AdminOptions, "hostname" | "url">): Address {
  const names = [hostname].flat();
  const wrong = names.find((name) => typeof name !== "string" || !NAME.test(name));
  if (wrong !== undefined || !names.length) {
    throw optionError("hostname", wrong ?? names, "a name or an address, without a port: sheethook.internal, 10.1.2.3");
  }
  const proxy = url === undefined ? undefined : parseUrl(url);
  const given = proxy ? [...names, proxy.hostname] : names;
  return {
    names: [...new Set([...LOOPBACK, ...given])],
    isOurHost: createHostCheck([...LOOPBACK, ...given]),
    isOurOrigin: createOriginCheck(proxy),
    isLocal: given.every(isLoopback),
    base: proxy?.pathname.replace(/\/+$/, "").replace(/\/console$/, "") ?? "",
  };
}

function parseUrl(given: string | URL): URL {
  const url = URL.parse(given);
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  // The path is written into every link.
  if (isPlain && /^[\w/.~-]*$/.test(url.pathname)) return url;
  throw optionError("url", String(given), "an http or https URL, e.g. https://ops.example.com/sheethook");
}
