import { connect } from "node:net";
import { createAnswerReader } from "./answer_reader.ts";
import { freshRequestBytes } from "./fixture.ts";

/**
 * Sends `count` callbacks, `everyMs` apart.
 *
 * @throws {Error} for the first answer that isn't 200
 */
export async function paced(port: number, count: number, everyMs: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    await Promise.all([send(port), new Promise((resolve) => setTimeout(resolve, everyMs))]);
  }
}

function send(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => socket.write(freshRequestBytes()));
    const onAnswer = (status: number, head: string) => {
      socket.destroy();
      if (status === 200) resolve();
      else reject(new Error(`Answer should be 200, but is:\n${head}`));
    };
    socket.on("data", createAnswerReader(onAnswer));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`Server on port ${port} closed before it had answered`)));
  });
}
