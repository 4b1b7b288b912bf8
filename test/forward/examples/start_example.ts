// Starts the example targets: Python as it stands, the shell one behind a listener that starts it for each connection.
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { until } from "../../support/until.ts";

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Why an example can't run here; false if it can. */
export function whyNot(command: "python3" | "openssl"): string | false {
  const { error } = spawnSync(command, [command === "openssl" ? "version" : "--version"]);
  return error !== undefined && `there is no ${command} here`;
}

export interface Example {
  readonly url: string;
  /** What it has written so far. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** @param port 0 for a free one */
export async function startPython(secret: string, port = 0): Promise<Example> {
  const child = spawn("python3", [pathOf("python_target.py"), String(port)], {
    env: { ...process.env, WEBHOOK_SECRET: secret },
    stdio: ["ignore", "pipe", "ignore"],
  });
  // Nothing outlives a test that fails.
  const kill = () => void child.kill("SIGKILL");
  process.on("exit", kill);
  let output = "";
  let isGone = false;
  const gone = new Promise<void>((resolve) =>
    child.on("close", () => {
      isGone = true;
      process.off("exit", kill);
      resolve();
    })
  );
  child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
  await until("the Python target listens", () => isGone || output.includes("\n"));
  return {
    url: /listening on (\S+)/.exec(output)![1]!,
    get lines() {
      return output.trimEnd().split("\n").slice(1);
    },
    async stop() {
      kill();
      await gone;
    },
  };
}

/** As socat or a systemd socket would start it: a process for each connection, which is its stdin and stdout. */
export async function startShell(secret: string): Promise<Example> {
  let log = "";
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const child = spawn("sh", [pathOf("shell_target.sh")], {
      env: { ...process.env, WEBHOOK_SECRET: secret },
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => log += text);
    sockets.add(socket);
    socket.on("error", () => child.kill());
    child.stdin.on("error", () => {}); // It has answered before it had read everything.
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    get lines() {
      return log.trimEnd().split("\n").filter(Boolean);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
