import { basename } from "node:path";
import { usageError } from "../terminal/usage_error.ts";
import { createChangeAgent } from "../../change_agent/change_agent.ts";
import { CALLBACK_PORTS } from "../../smartsheet/ports.ts";
import { SERVE_DEFAULTS } from "../options/serve_defaults.ts";

/** What runs `serve`. */
export const RUNTIMES = ["node", "deno", "bun"] as const;
/** The language of the handlers' module. */
export const LANGUAGES = ["ts", "js"] as const;
/** Where accepted callbacks are stored. */
export const INBOXES = ["sqlite", "postgres"] as const;
/** What speaks TLS to Smartsheet: a proxy in front of `serve`, or `serve` itself. */
export const TLS_ENDS = ["proxy", "tls"] as const;

/** What the files of `init` are made of. */
export interface Answers {
  readonly runtime: (typeof RUNTIMES)[number];
  readonly language: (typeof LANGUAGES)[number];
  readonly inbox: (typeof INBOXES)[number];
  readonly tlsEnd: (typeof TLS_ENDS)[number];
  /** The host of the callback URL. */
  readonly domain: string;
  /** The port of `serve`: with `tls` the one that Smartsheet calls, with `proxy` the one that the proxy calls. */
  readonly port: number;
  readonly changeAgent: string;
}

/** The answers that were given, completed by defaults that fit them. `folder` is an absolute path. */
export function withDefaults(given: Partial<Answers>, folder: string): Answers {
  const tlsEnd = given.tlsEnd ?? "proxy";
  return {
    runtime: given.runtime ?? "node",
    language: given.language ?? "ts",
    inbox: given.inbox ?? "sqlite",
    tlsEnd,
    domain: given.domain ?? "hooks.example.com",
    port: given.port ?? (tlsEnd === "tls" ? 443 : SERVE_DEFAULTS.port),
    changeAgent: given.changeAgent ?? changeAgentOf(folder),
  };
}

/** The folder's name, because applications that share a change agent ignore each other's changes. */
function changeAgentOf(folder: string): string {
  const name = basename(folder);
  try {
    return parseChangeAgent(name);
  } catch {
    return "sheethook";
  }
}

/** @throws {SheethookError} `option_invalid` for what `serve` wouldn't take */
export function parseChangeAgent(value: string): string {
  createChangeAgent(value, undefined, fetch);
  return value;
}

/** @throws {SheethookError} `option_invalid` for what is no name in the public DNS */
export function parseDomain(value: string): string {
  const label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  const name = value.trim().toLowerCase();
  if (name.length <= 253 && RegExp(`^(${label}\\.)+(?!\\d+$)${label}$`).test(name)) return name;
  throw usageError(
    `--domain is ${JSON.stringify(value)}, but should be the host of the callback URL, such as hooks.example.com`,
  );
}

/** @throws {SheethookError} `option_invalid` for a port that is no whole number, or with `tls` one that Smartsheet doesn't call */
export function parsePort(value: string, tlsEnd?: Answers["tlsEnd"]): number {
  const port = /^\s*\d{1,5}\s*$/.test(value) ? Number(value) : NaN;
  if (!(port >= 1 && port <= 65_535)) {
    throw usageError(`--port is ${JSON.stringify(value)}, but should be a whole number from 1 to 65535`);
  }
  if (port === SERVE_DEFAULTS.adminPort) {
    throw usageError(`--port is ${port}, but should be another one: that is the port of the console`);
  }
  if (tlsEnd === "tls" && !CALLBACK_PORTS.includes(port)) {
    throw usageError(`--port is ${port}, but should be one that Smartsheet calls: ${CALLBACK_PORTS.join(", ")}`);
  }
  return port;
}
