import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { type Answer, BadAnswer, readAnswer } from "./answer.ts";

/** What came in the place of an answer. */
export type NoAnswer = "closed" | "silent";

/** A bare connection of a client. */
export interface Connection {
  /** False when either side has closed it, or is going to. */
  readonly isOpen: boolean;
  /** Bytes that belong to no answer that was asked for. */
  readonly leftover: Buffer;
  write(bytes: Buffer): void;
  /** The next answer, or what came instead within `limitMs`. Rejects with a `BadAnswer`. */
  next(isHead: boolean, limitMs: number): Promise<Answer | NoAnswer>;
  destroy(): void;
}

/** Connects to a port of 127.0.0.1. An error is a close. */
export async function openConnection(port: number): Promise<Connection> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let isClosed = false;
  let isOver = false;
  let changed = () => {};
  const close = () => {
    isClosed = true;
    changed();
  };
  socket.on("data", (bytes: Buffer) => {
    received = received.length ? Buffer.concat([received, bytes]) : bytes;
    changed();
  });
  socket.on("end", close);
  socket.on("close", close);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", close);

  function take(isHead: boolean): Answer | NoAnswer | undefined {
    const answer = readAnswer(received, isHead, isClosed);
    if (!answer) return isClosed ? "closed" : undefined;
    received = received.subarray(answer.size);
    isOver ||= answer.isLast;
    return answer;
  }

  return {
    get isOpen() {
      return !isClosed && !isOver && !socket.destroyed;
    },
    get leftover() {
      return received;
    },
    write(bytes) {
      if (!isClosed) socket.write(bytes);
    },
    next(isHead, limitMs) {
      return new Promise((resolve, reject) => {
        const finish = (result: Answer | NoAnswer) => {
          clearTimeout(timer);
          changed = () => {};
          resolve(result);
        };
        const timer = setTimeout(() => finish("silent"), limitMs);
        changed = () => {
          try {
            const taken = take(isHead);
            if (taken) finish(taken);
          } catch (error) {
            clearTimeout(timer);
            changed = () => {};
            reject(error instanceof BadAnswer ? error : new BadAnswer(String(error)));
          }
        };
        changed();
      });
    },
    destroy: () => void socket.destroy(),
  };
}
