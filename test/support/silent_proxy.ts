// A way to a server that can go silent: connections stay, and nothing comes through any more.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface SilentProxy {
  readonly port: number;
  /** What was sent by then got through, what comes later doesn't. */
  silence(): void;
  /** Lets new connections through; what had gone silent stays so. */
  speak(): void;
  close(): Promise<void>;
}

/** Starts one in front of a port of 127.0.0.1. */
export async function startSilentProxy(port: number): Promise<SilentProxy> {
  let isSilent = false;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(port, "127.0.0.1");
    let wasSilenced = false;
    for (const [from, to] of [[client, target], [target, client]] as const) {
      sockets.add(from);
      from.on("error", () => {});
      from.on("data", (data) => {
        wasSilenced ||= isSilent;
        if (!wasSilenced) to.write(data);
      });
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    silence() {
      isSilent = true;
    },
    speak() {
      isSilent = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
