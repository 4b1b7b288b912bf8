/**
 * `sheethook/serve/node`: the server adapter for Node.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { serve } from "sheethook/serve/node";
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
import { createAdaptorServer } from "@hono/node-server";
import type { Server as HttpServer, ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { messageOf } from "../errors.ts";
import { createApp } from "./app.ts";
import { callbackUrl, listenError, parseServeOptions, type ServeOptions, type Server } from "./options.ts";
import { readCertificate } from "./tls.ts";
import { watchCertificate } from "./watch_certificate.ts";

export type { Logger } from "../logger.ts";
export type { CertificateFiles, ServeOptions, Server } from "./options.ts";

/**
 * Serves on Node. A renewed certificate drops nothing.
 *
 * @throws {SheethookError} `option_invalid`, or `certificate_unusable`, or `listen_failed` for a port that isn't free
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const settings = parseServeOptions(options);
  const { tls, headersTimeoutMs, requestTimeoutMs } = settings;
  const app = createApp(settings);
  const certificate = tls && await readCertificate(tls);
  const bounds = {
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.ceil(headersTimeoutMs / 2),
    maxHeaderSize: 16 * 1024,
    // Longer than the 60 s of the usual proxies, so that it is they who end an idle connection, and no request is lost.
    keepAliveTimeout: 65_000,
  };
  const server = createAdaptorServer({
    fetch: app.fetch,
    // For HTTP/1.0 health checks, which send no Host.
    hostname: settings.hostname,
    ...(certificate
      ? {
        createServer: createHttpsServer,
        serverOptions: { ...bounds, ...certificate, handshakeTimeout: headersTimeoutMs },
      }
      : { serverOptions: bounds }),
  }) as HttpServer & { setSecureContext?: (certificate: { cert: string; key: string }) => void };

  const responses = new Set<ServerResponse>();
  server.on("request", (_request, response: ServerResponse) => {
    if (!server.listening) response.setHeader("connection", "close");
    responses.add(response);
    response.on("close", () => {
      responses.delete(response);
      closeIfIdle();
    });
  });
  // Connections that never sent a whole request would hold `close` for ever: nothing bounds them any more once it is called.
  function closeIfIdle(): void {
    if (!server.listening && responses.size === 0) server.closeAllConnections();
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, settings)));
    server.listen(settings.port, settings.hostname, resolve);
  });
  // Without anyone to hear it, a connection that can't be accepted would end the process.
  server.on(
    "error",
    (error) => settings.logger.error("Can't accept a connection: {error}", { error: messageOf(error) }),
  );
  const { port } = server.address() as AddressInfo;
  const stopWatching = certificate &&
    watchCertificate(certificate, tls!, settings, port, (renewed) => server.setSecureContext!(renewed));

  let stopped: Promise<void> | undefined;
  return {
    url: callbackUrl(settings, port),
    port,
    stop: () =>
      stopped ??= (async () => {
        await stopWatching?.();
        await app.sayGoodbye();
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
          for (const response of responses) if (!response.headersSent) response.setHeader("connection", "close");
          closeIfIdle();
        });
      })(),
  };
}
