import {
  messageOf,
  optionError,
  requireFunction,
  requireInteger,
  requireKnownOptions,
  requireMs,
  requireNumber,
  SheethookError,
} from "../errors.ts";
import { consoleLogger, createQuietLogger, type Logger } from "../logger.ts";

/** Answers 200 as long as the process lives. */
export const HEALTH_PATH = "/healthz";

/** The options of every server adapter. */
export interface ServeOptions {
  /** Answers the requests at `path`: `receiver.fetch`. Must never reject. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** The port to listen on; 0 takes a free one. @default 8000 */
  readonly port?: number;
  /** The interface to listen on. @default "0.0.0.0" */
  readonly hostname?: string;
  /** The callback path; `*` hands every path to `fetch`, `/healthz` too. @default "/webhook" */
  readonly path?: string;
  /** PEM files; read again when they change. Without them the server speaks plain HTTP. */
  readonly tls?: CertificateFiles;
  /** Told the status of each POST that doesn't come as far as `fetch`, or that `fetch` rejects: 404, 500. */
  readonly onRefused?: ((status: number) => void) | undefined;
  /**
   * How long a client may take for its TLS handshake, and then for its headers. Node only: Bun ends it after about 12 s,
   * Deno never. @default 10_000
   */
  readonly headersTimeoutMs?: number;
  /**
   * How long a whole request may take to arrive; at most 255 s. Node and Bun (there in whole seconds); on Deno the
   * receiver's own time limit for a body is all there is. @default 30_000
   */
  readonly requestTimeoutMs?: number;
  /** How often the certificate files are checked for a change, in milliseconds. @default 10_000 */
  readonly certificatePollMs?: number;
  /** Where failures are logged. @default warnings and errors on the console */
  readonly logger?: Logger;
}

/** Paths of the certificate and its key, both PEM. */
export interface CertificateFiles {
  /** The certificate, followed by its intermediates. */
  readonly certFile: string;
  /** Its private key, not encrypted. */
  readonly keyFile: string;
}

/** A running server. */
export interface Server {
  /** Where callbacks go, e.g. `http://127.0.0.1:8000/webhook`; with the path `*` the origin alone. */
  readonly url: string;
  /** The port that it listens on. */
  readonly port: number;
  /** Takes no new connection, lets requests in flight end, then resolves. */
  stop(): Promise<void>;
}

/** `ServeOptions` with their defaults. */
export type ServeSettings = Required<Omit<ServeOptions, "tls">> & Pick<ServeOptions, "tls">;

/**
 * The options with their defaults.
 *
 * @throws {SheethookError} `option_invalid` for a number out of bounds, a path that would never be asked for as written, or an
 * unknown option
 */
export function parseServeOptions(options: ServeOptions): ServeSettings {
  requireKnownOptions("serve", options, OPTIONS);
  const { port = 8000, path = "/webhook", requestTimeoutMs = 30_000 } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw optionError("port", port, "a whole number from 0 to 65535");
  }
  return {
    fetch: requireFunction("fetch", options.fetch),
    port,
    // As it stands in a URL, or as it is.
    hostname: (options.hostname ?? "0.0.0.0").replace(/^\[(.*)\]$/, "$1"),
    path: requirePath(path),
    tls: options.tls,
    onRefused: options.onRefused ?? (() => {}),
    // Whole milliseconds: Node takes nothing else.
    headersTimeoutMs: requireInteger(
      "headersTimeoutMs",
      requireMs("headersTimeoutMs", options.headersTimeoutMs ?? 10_000),
    ),
    requestTimeoutMs: requireInteger(
      "requestTimeoutMs",
      requireNumber("requestTimeoutMs", requestTimeoutMs, 1, 255_000),
    ),
    certificatePollMs: requireMs("certificatePollMs", options.certificatePollMs ?? 10_000),
    logger: createQuietLogger(options.logger ?? consoleLogger),
  };
}

const OPTIONS: Readonly<Record<keyof ServeOptions, true>> = {
  fetch: true,
  port: true,
  hostname: true,
  path: true,
  tls: true,
  onRefused: true,
  headersTimeoutMs: true,
  requestTimeoutMs: true,
  certificatePollMs: true,
  logger: true,
};

/** Where callbacks go. An address that means every interface is shown as loopback, which can be called. */
export function callbackUrl({ hostname, path, tls }: ServeSettings, port: number): string {
  const host = hostname === "0.0.0.0" || hostname === "::" ? "127.0.0.1" : hostname;
  return `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}${path === "*" ? "" : path}`;
}

/** The `listen_failed` error for whatever the runtime throws. */
export function listenError(cause: unknown, { hostname, port }: ServeSettings): SheethookError {
  const where = `Port ${port} on ${hostname}`;
  const code = (cause as { code?: unknown }).code;
  const [message, option] = code === "EADDRINUSE"
    ? [`${where} is taken: end what listens there, or choose another port`, "port"]
    : code === "EACCES"
    ? [
      `${where} is not open to this user: choose a port from 1024 up, or give the process the right to bind it`,
      "port",
    ]
    : code === "EADDRNOTAVAIL"
    ? [`${where} can't be listened on: hostname should be an address of this machine`, "hostname"]
    : [`${where} can't be listened on: ${messageOf(cause)}`];
  return new SheethookError("listen_failed", message!, { cause, option });
}

// A path is compared with what a client's URL parser makes of it, by a router in which :*{} are patterns.
function requirePath(path: string): string {
  if (path === "*") return path;
  const asked = URL.parse(path, "http://localhost")?.pathname;
  if (asked === path && path !== HEALTH_PATH && !/[:*{}%]/.test(path)) return path;
  throw optionError(
    "path",
    path,
    "an absolute path such as /webhook, without any of :*{}?#% and not /healthz, or * for every path",
  );
}
