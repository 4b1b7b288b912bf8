// A pooler as PgBouncer is in transaction mode before 1.21: it lends a connection to Postgres for each transaction, and
// knows nothing of what is prepared on it.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import pg from "pg";

export interface TransactionPooler {
  /** The same database and user; who comes isn't asked for a password. */
  readonly url: string;
  close(): Promise<void>;
}

interface Message {
  readonly type: string;
  readonly bytes: Uint8Array;
}

interface Lent {
  readonly socket: Socket;
  receive: (message: Message) => void;
}

/** @param size how many connections to Postgres there are; they are lent in turn */
export async function startTransactionPooler(url: string, size = 2): Promise<TransactionPooler> {
  const free: Lent[] = [];
  const waiting: ((lent: Lent) => void)[] = [];
  const sockets = new Set<Socket>();
  const giveBack = (lent: Lent) => {
    const next = waiting.shift();
    if (next) next(lent);
    else free.push(lent);
  };
  const open = async () => giveBack(await connect(url));
  const borrow = () => new Promise<Lent>((resolve) => free.length ? resolve(free.shift()!) : waiting.push(resolve));
  for (let number = 0; number < size; number++) await open();

  function serve(client: Socket): void {
    let lent: Lent | undefined;
    let borrowing: Promise<void> | undefined;
    /** How often Postgres will still say that it is ready. */
    let owed = 0;

    async function pass({ type, bytes }: Message): Promise<void> {
      if (type === "X") return void client.end();
      if (!lent) await (borrowing ??= lend());
      if (type === "S" || type === "Q") owed++;
      lent?.socket.write(bytes);
    }

    async function lend(): Promise<void> {
      const found = await borrow();
      borrowing = undefined;
      if (client.destroyed) return giveBack(found);
      lent = found;
      found.receive = ({ type, bytes }) => {
        client.write(bytes);
        // Idle: the transaction is at its end.
        if (type !== "Z" || --owed || bytes[5] !== "I".charCodeAt(0)) return;
        lent = undefined;
        found.receive = () => {};
        giveBack(found);
      };
    }

    let passed = Promise.resolve();
    const read = readMessages((message) => {
      passed = passed.then(() => pass(message));
    });
    let hasStarted = false;
    client.on("data", (data: Uint8Array) => {
      if (hasStarted) return read(data);
      // A request for TLS has no more than its number.
      if (data.length === 8) return void client.write("N");
      hasStarted = true;
      client.write(message("R", [0, 0, 0, 0]));
      client.write(message("Z", ["I".charCodeAt(0)]));
    });
    client.on("error", () => {});
    client.on("close", () => {
      if (!lent) return;
      // In the middle of a transaction, which ends with it.
      lent.socket.destroy();
      open();
    });
  }

  const server = createServer((client) => {
    sockets.add(client);
    serve(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const at = new URL(url);
  at.port = String((server.address() as AddressInfo).port);
  return {
    url: at.href,
    async close() {
      server.close();
      for (const { socket } of free) socket.destroy();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

/** The driver signs in; from then on its socket is ours. */
async function connect(connectionString: string): Promise<Lent> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  const socket = client.connection.stream as Socket;
  const lent: Lent = { socket, receive() {} };
  socket.removeAllListeners("data");
  socket.on("data", readMessages((message) => lent.receive(message)));
  return lent;
}

/** A message is a letter, its length in four bytes, and what it says. */
function readMessages(receive: (message: Message) => void): (data: Uint8Array) => void {
  let rest = Buffer.alloc(0);
  return (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
      const end = 1 + rest.readUInt32BE(1);
      receive({ type: String.fromCharCode(rest[0]!), bytes: rest.subarray(0, end) });
      rest = rest.subarray(end);
    }
  };
}

function message(type: string, content: readonly number[]): Uint8Array {
  return Uint8Array.from([type.charCodeAt(0), 0, 0, 0, 4 + content.length, ...content]);
}
