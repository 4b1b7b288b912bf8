import { execFileSync } from "node:child_process";
import { connect } from "node:net";
import { type Runtime, startChild } from "./child.ts";
import { CHALLENGE, PATH, SECRET } from "./fixture.ts";

export interface StartUp {
  /** From the start of the process to the whole answer to a challenge. */
  readonly firstAnswerMs: number;
  /** Resident memory, a second later. */
  readonly idleMiB: number;
}

/** Starts `sheethook serve` and asks it a challenge as soon as it says that it listens. */
export async function startUp(runtime: Runtime): Promise<StartUp> {
  const startedAt = performance.now();
  const child = startChild(runtime, "src/cli/main.ts", [
    "serve",
    "--port",
    "0",
    "--host",
    "127.0.0.1",
    "--log-level",
    "error",
  ], {
    SHEETHOOK_SECRET: SECRET,
    SHEETHOOK_INBOX: "memory:",
    SHEETHOOK_ADMIN_PORT: "0",
  });
  try {
    const { port } = new URL((await child.line()).split(" ").at(-1)!);
    const answer = await challenge(Number(port));
    const firstAnswerMs = performance.now() - startedAt;
    if (!/^HTTP\/1.1 200/.test(answer)) throw new Error(`Challenge should be answered with 200, but is:\n${answer}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const kiB = execFileSync("ps", ["-o", "rss=", "-p", String(child.pid)], { encoding: "utf8" });
    return { firstAnswerMs, idleMiB: Number(kiB) / 1024 };
  } finally {
    await child.stop();
  }
}

function challenge(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(
        `POST ${PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${CHALLENGE.length}\r\n\r\n${CHALLENGE}`,
      );
    });
    socket.once("data", (data) => {
      socket.destroy();
      resolve(String(data));
    });
    socket.once("error", reject);
  });
}
