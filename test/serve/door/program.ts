/**
 * Opens the door of the runtime that runs it. Its argument is ServeOptions as JSON; what the callback path answers is
 * told by the query: `?wait=MS` answers late (it writes "waiting"), `?reject` rejects; else the body is read, at most `?limit=BYTES` of it,
 * within `?within=MS`.
 */
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { SheethookError } from "../../../src/errors.ts";
import { formatMessage, type Logger } from "../../../src/logger.ts";
import { problem } from "../../../src/receive/problem.ts";
import { readBody } from "../../../src/receive/body.ts";
import { createBodyBudget } from "../../../src/receive/body_budget.ts";
import type { ServeOptions, Server } from "../../../src/serve/options.ts";
import { createRequestDeadline } from "../../../src/async/deadline.ts";
import { runtime } from "../../support/runtime.ts";

const budget = createBodyBudget(2 ** 30);

async function answer(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams;
  if (query.has("reject")) throw new Error("Rejected on purpose");
  if (query.has("wait")) {
    console.log("waiting");
    await setTimeout(Number(query.get("wait")));
    return new Response("waited");
  }
  console.log("reading");
  try {
    const limit = Number(query.get("limit") ?? 1024 * 1024);
    const timeoutMs = Number(query.get("within") ?? 10_000);
    const deadline = createRequestDeadline(timeoutMs);
    const body = await readBody(request, { maxBytes: limit, timeoutMs, deadline, account: budget.begin() });
    return new Response(`read ${body.size}`);
  } catch (error) {
    return problem(error instanceof SheethookError && error.code === "body_too_large" ? 413 : 408);
  }
}

const write = (level: string) => (message: string, properties?: Record<string, unknown>) =>
  console.log(`${level} ${formatMessage(message, properties)}`);
const logger: Logger = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };

const { serve }: { serve: (options: ServeOptions) => Promise<Server> } = runtime === "deno"
  ? await import("../../../src/serve/deno.ts")
  : runtime === "bun"
  ? await import("../../../src/serve/bun.ts")
  : await import("../../../src/serve/node.ts");

try {
  const options = JSON.parse(process.argv[2] ?? "{}");
  const server = await serve({ hostname: "127.0.0.1", port: 0, logger, ...options, fetch: answer });
  console.log(`listening on ${server.url}`);
  process.on("SIGTERM", async () => {
    console.log("stopping");
    await server.stop();
    console.log("stopped");
    process.exit(0);
  });
} catch (error) {
  const { name, code, message, cause } = error as SheethookError & { cause?: { code?: string } };
  console.log(`failed: ${name} ${code}: ${message} (${cause?.code})`);
  process.exit(1);
}
