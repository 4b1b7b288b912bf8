import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, createServer, type Socket } from "node:net";

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  /** Of the certificate that the server showed; undefined without TLS. */
  readonly fingerprint: string | undefined;
}

/** One request on a connection of its own, which trusts any certificate and follows no redirect. */
export function send(url: string, method = "GET", body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const isTls = url.startsWith("https:");
    const options = { method, agent: false as const, rejectUnauthorized: false, headers: { connection: "close" } };
    const request = (isTls ? httpsRequest : httpRequest)(url, options, (response) => {
      // Asked for now: the socket is gone when the response has ended.
      const certificate = isTls ? (response.socket as unknown as PeerCertified).getPeerCertificate() : undefined;
      const { statusCode: status = 0, headers } = response;
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => text += chunk);
      response.on("end", () => resolve({ status, headers, text, fingerprint: certificate?.fingerprint256 }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

interface PeerCertified {
  getPeerCertificate(): { readonly fingerprint256: string };
}

/** A bare connection. */
export interface Connection {
  readonly socket: Socket;
  readonly received: string;
  readonly isClosed: boolean;
  readonly closed: Promise<void>;
  /** Resolves when what came in matches, or the connection is closed. */
  waitFor(pattern: RegExp): Promise<void>;
  /** Sends one byte each 100 ms until the connection is closed. */
  dribble(text: string): void;
}

/** Connects to where `url` points, without TLS, and sends `text`. An error is a close. */
export async function open(url: string, text = ""): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = "";
  let isClosed = false;
  let changed: () => void = () => {};
  socket.setEncoding("utf8");
  socket.on("data", (chunk) => {
    received += chunk;
    changed();
  });
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      isClosed = true;
      changed();
      resolve();
    });
  });
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => {});
  if (text) socket.write(text);
  return {
    socket,
    closed,
    get received() {
      return received;
    },
    get isClosed() {
      return isClosed;
    },
    waitFor: (pattern) =>
      new Promise((resolve) => {
        changed = () => (pattern.test(received) || isClosed) && resolve();
        changed();
      }),
    dribble(text) {
      let at = 0;
      const timer = setInterval(() => isClosed ? clearInterval(timer) : socket.write(text[at++ % text.length]!), 100);
      socket.on("close", () => clearInterval(timer));
    },
  };
}

/** A port that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
