import { type AddressInfo, createServer, type Socket } from "node:net";

/** Answers whatever comes: what the load can't be faster than. @returns the port */
export function serveTrivial(): Promise<number> {
  const answer = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  return serveSocket((socket) => socket.write(answer));
}

/** The same for a server that closes each connection. @returns the port */
export function serveClosing(): Promise<number> {
  const answer = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  return serveSocket((socket) => socket.end(answer));
}

function serveSocket(onData: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("data", () => onData(socket));
    socket.on("error", () => {});
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
