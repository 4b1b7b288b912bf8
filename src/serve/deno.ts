/**
 * `sheethook/serve/deno`: the server adapter for Deno.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { serve } from "sheethook/serve/deno";
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
import { messageOf } from "../errors.ts";
import { createApp } from "./app.ts";
import { callbackUrl, listenError, parseServeOptions, type ServeOptions, type Server } from "./options.ts";
import { type Certificate, readCertificate } from "./tls.ts";
import { watchCertificate } from "./watch_certificate.ts";

export type { Logger } from "../logger.ts";
export type { CertificateFiles, ServeOptions, Server } from "./options.ts";

/**
 * Serves on Deno. A renewed certificate ends no request, but connections may be refused for some milliseconds.
 * `headersTimeoutMs` and `requestTimeoutMs` have no effect: Deno bounds neither.
 *
 * @throws {SheethookError} `option_invalid`, or `certificate_unusable`, or `listen_failed` for a port that isn't free
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const settings = parseServeOptions(options);
  const { tls, hostname, logger } = settings;
  const app = createApp(settings);
  const certificate = tls && await readCertificate(tls);
  let running = 0;

  async function answer(request: Request): Promise<Response> {
    running++;
    try {
      return await app.fetch(request);
    } finally {
      running--;
    }
  }

  function open(port: number, certificate?: Certificate): Deno.HttpServer<Deno.NetAddr> {
    const opened = Deno.serve({ port, hostname, onListen() {}, ...certificate }, answer);
    opened.finished.catch((error) => recover(opened, error));
    return opened;
  }

  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = open(settings.port, certificate);
  } catch (cause) {
    throw listenError(cause, settings);
  }
  const { port } = server.addr;
  let current = certificate;
  let isRenewing = false;
  let ended = Promise.resolve();
  let stopped: Promise<void> | undefined;

  // Deno has no second listener on a port for TLS: the first one has to go before.
  async function renew(renewed: Certificate): Promise<void> {
    const old = server.shutdown();
    ended = ended.then(() => old);
    isRenewing = true;
    try {
      server = await reopen(renewed);
      current = renewed;
    } catch (error) {
      server = await reopen(current!);
      throw error;
    } finally {
      isRenewing = false;
    }
  }

  // The port is free some milliseconds after `shutdown` was called; Deno doesn't say when.
  async function reopen(certificate: Certificate): Promise<Deno.HttpServer<Deno.NetAddr>> {
    for (let tries = 1; !stopped; tries++) {
      try {
        return open(port, certificate);
      } catch (error) {
        if (!(error instanceof Deno.errors.AddrInUse)) throw error;
        if (tries === 1000) logger.error("Nothing is served any more: port {port} was taken", { port });
        await delay(tries < 1000 ? 1 : 1000);
      }
    }
    return server;
  }

  // One connection that can't be accepted, because too many files are open, ends Deno's server.
  async function recover(failed: Deno.HttpServer, cause: unknown): Promise<void> {
    logger.error("Deno has stopped serving, trying again each second: {error}", { error: messageOf(cause) });
    while (server === failed && !stopped) {
      await delay(1000);
      if (isRenewing) continue;
      try {
        server = open(port, current);
      } catch {
        // Still no better.
      }
    }
  }

  async function stop(): Promise<void> {
    await stopWatching?.();
    await app.sayGoodbye();
    ended = Promise.all([ended, server.shutdown()]).then(() => {});
    while (running > 0) await delay(10);
    // Not for ever: Deno also waits for clients that go on sending a body that has been refused.
    await Promise.race([ended, delay(500)]);
  }

  const stopWatching = certificate && watchCertificate(certificate, tls!, settings, port, renew);
  return { url: callbackUrl(settings, port), port, stop: () => stopped ??= stop() };
}
