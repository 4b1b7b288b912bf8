/**
 * `sheethook/serve/bun`: the server adapter for Bun.
 *
 * @example
 * ```ts ignore
 * import { createReceiver } from "sheethook";
 * import { serve } from "sheethook/serve/bun";
 *
 * const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0" });
 * const server = await serve({ fetch: receiver.fetch, port: 0, hostname: "127.0.0.1" });
 * console.log(server.url); // http://127.0.0.1:49152/webhook
 *
 * await server.stop(); // when the program should end
 * await receiver.stop();
 * ```
 *
 * @module
 */
import { delay } from "../async/delay.ts";
import { createApp } from "./app.ts";
import { callbackUrl, listenError, parseServeOptions, type ServeOptions, type Server } from "./options.ts";
import { type Certificate, readCertificate } from "./tls.ts";
import { watchCertificate } from "./watch_certificate.ts";

export type { Logger } from "../logger.ts";
export type { CertificateFiles, ServeOptions, Server } from "./options.ts";

/** What is used of Bun, so that type checks without its types pass, such as Deno's. */
declare const Bun: { serve(options: Record<string, unknown>): BunServer };
interface BunServer {
  readonly port: number;
  readonly pendingRequests: number;
  stop(closeConnections?: boolean): Promise<void>;
}

/**
 * Serves on Bun. A renewed certificate ends no request, but connections that are just being made may be reset.
 * `headersTimeoutMs` has no effect: Bun ends such clients after about 12 s.
 *
 * @throws {SheethookError} `option_invalid`, or `certificate_unusable`, or `listen_failed` for a port that isn't free
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const settings = parseServeOptions(options);
  const { tls, hostname } = settings;
  const app = createApp(settings);
  const certificate = tls && await readCertificate(tls);
  const open = (port: number, certificate?: Certificate) =>
    Bun.serve({
      port,
      hostname,
      // Without a Host, which HTTP/1.0 needn't send, Bun gives a URL that is only a path.
      fetch: (request: Request) =>
        app.fetch(request.url.startsWith("/") ? new Request(`http://localhost${request.url}`, request) : request),
      tls: certificate,
      // A second server on the port is how a certificate is renewed: Bun's `reload` ignores it.
      reusePort: certificate !== undefined,
      idleTimeout: Math.ceil(settings.requestTimeoutMs / 1000),
      // Bun's own 413 would come before ours, without a reason in the log.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      development: false,
    });

  let server: BunServer;
  try {
    server = open(certificate ? await findFreePort(settings.port, hostname) : settings.port, certificate);
  } catch (cause) {
    throw listenError(cause, settings);
  }
  const { port } = server;
  const ending = new Set<BunServer>();

  async function renew(renewed: Certificate): Promise<void> {
    const old = server;
    server = open(port, renewed);
    // The kernel resets what the old one hasn't accepted yet: after a pause there is little of that.
    await delay(20);
    ending.add(old);
    old.stop().then(() => ending.delete(old));
  }

  const stopWatching = certificate && watchCertificate(certificate, tls!, settings, port, renew);
  let stopped: Promise<void> | undefined;
  return {
    url: callbackUrl(settings, port),
    port,
    stop: () =>
      stopped ??= (async () => {
        await stopWatching?.();
        await app.sayGoodbye();
        await Promise.all([...ending, server].map(end));
      })(),
  };
}

/** `reusePort` would silently share a port that is taken, so this looks without it. */
async function findFreePort(port: number, hostname: string): Promise<number> {
  const probe = Bun.serve({ port, hostname, fetch: () => new Response() });
  const found = probe.port;
  await probe.stop(true);
  return found;
}

/** Ends when the last request has ended; by itself, Bun would also wait for connections that never send a whole one. */
async function end(server: BunServer): Promise<void> {
  const stopped = server.stop();
  while (server.pendingRequests > 0) await delay(10);
  await server.stop(true);
  await stopped;
}
