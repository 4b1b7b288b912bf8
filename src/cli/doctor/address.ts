import { lookup } from "node:dns/promises";
import { BlockList, isIP, isIPv6 } from "node:net";
import { CALLBACK_PORTS } from "../../smartsheet/ports.ts";
import { error, type Finding, fine, unchecked } from "./finding.ts";

/** The findings about a callback URL without calling it. */
export function checkUrl(url: URL): Finding[] {
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const scheme = url.protocol === "https:" ? fine("scheme", "https") : error(
    "scheme",
    "The URL is http, and Smartsheet accepts only https (error 1152)",
    "serve with --cert and --key, or behind a proxy that speaks TLS",
  );
  const called = CALLBACK_PORTS.includes(port) ? fine("port", `Smartsheet calls port ${port}`) : error(
    "port",
    `Smartsheet doesn't call port ${port}`,
    `serve on one of ${CALLBACK_PORTS.join(", ")}, or forward one of them`,
  );
  return [scheme, called];
}

/** Whether the host's addresses can be reached from the internet. */
export async function checkAddress(url: URL): Promise<Finding> {
  const host = hostOf(url);
  let addresses: string[];
  try {
    addresses = isIP(host) ? [host] : (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return error("address", `The host ${host} has no address`, "check the name, and its DNS records");
  }
  if (!addresses.length) return unchecked("address", `No address was found for ${host}`, "check its DNS records");
  const hidden = addresses.filter(isPrivate);
  if (!hidden.length) return fine("address", `${host} has a public address: ${addresses.join(", ")}`);
  return error(
    "address",
    `${
      host === hidden[0] ? host : `${host} (${hidden.join(", ")})`
    } is a private address, which Smartsheet can't reach`,
    "give the public name of the server, or of a tunnel to it",
  );
}

/** The host for `node:net` and `node:tls`, without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** Whether an address isn't on the internet. */
export function isPrivate(address: string): boolean {
  return PRIVATE.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

const PRIVATE = new BlockList();
for (
  const subnet of [
    ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
    ...["192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
    ...["224.0.0.0/3", "::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8", "2001:db8::/32"],
  ]
) {
  const [net = "", bits] = subnet.split("/");
  PRIVATE.addSubnet(net, Number(bits), isIPv6(net) ? "ipv6" : "ipv4");
}
