import type { Logger } from "../logger.ts";

/** What every door takes. */
export interface ServeOptions {
  /** Answers the requests at `path`: `receiver.fetch`. Must never reject. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** @default 8000; 0 takes a free port */
  readonly port?: number;
  /** The interface to listen on. @default "0.0.0.0" */
  readonly hostname?: string;
  /** The callback path. @default "/webhook" */
  readonly path?: string;
  /** PEM files; read again when they change. Without them the door speaks plain HTTP. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Requests answered at the same time; one more gets 503 with `Retry-After`. @default 256 */
  readonly maxRequests?: number;
  /** How often the certificate files are looked at, in milliseconds. @default 10_000 */
  readonly certificatePollMs?: number;
  /** @default warnings and errors on the console */
  readonly logger?: Logger;
}

/** A door that is open. */
export interface Server {
  /** Where callbacks go, e.g. `http://127.0.0.1:8000/webhook`. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connection, lets requests in flight end, then resolves. */
  stop(): Promise<void>;
}
