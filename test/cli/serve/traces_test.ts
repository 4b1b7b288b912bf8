import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { startServer } from "../../../src/cli/server_adapter.ts";
import { callbackBody, createLog, SECRET, signedRequest } from "../../support/callbacks.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { startServe, withFolder } from "../../support/run_cli.ts";
import { startChild } from "../../support/runtime.ts";
import { TOKEN, withAccount } from "../../support/simulated_account.ts";
import { root } from "../../tasks/run_command.ts";

/** A span as OTLP writes it in JSON, and the service that has made it. */
interface ExportedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

/** An OTLP collector: POST /v1/traces in JSON. */
async function startCollector() {
  const spans: ExportedSpan[] = [];
  const server = await startServer({
    async fetch(request) {
      assert.equal(new URL(request.url).pathname, "/v1/traces");
      for (const { resource, scopeSpans } of (await request.json()).resourceSpans) {
        const { value } = resource.attributes.find(({ key }: { key: string }) => key === "service.name");
        for (const { scope, spans: ended } of scopeSpans) {
          if (scope.name !== "sheethook") continue;
          spans.push(...ended.map((span: ExportedSpan) => ({ ...span, service: value.stringValue })));
        }
      }
      return Response.json({});
    },
    port: 0,
    hostname: "127.0.0.1",
    path: "*",
    logger: createLog(),
  });
  return { spans, url: server.url, stop: () => server.stop() };
}

/** The module that the README starts the SDK with. @returns its path */
async function writePreload(folder: string): Promise<string> {
  const readme = await readFile(join(root, "src/tracing/README.md"), "utf8");
  const [, source = ""] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  const path = join(folder, "tracing.mjs");
  const sdk = join(root, "node_modules/@opentelemetry/sdk-node/dist/index.mjs");
  await writeFile(path, source.replace('"@opentelemetry/sdk-node"', JSON.stringify(sdk)));
  return path;
}

/** A handler that adds a row to the sheet. @returns the path of its module */
async function writeHandlers(folder: string, apiUrl: string, sheetId: number): Promise<string> {
  const path = join(folder, "handlers.mjs");
  await writeFile(
    path,
    `export default (receiver) => {
      receiver.on("row.updated", async function addRow(event, context) {
        const { status } = await context.fetch("${apiUrl}/sheets/${sheetId}/rows", {
          method: "POST",
          headers: { authorization: "Bearer ${TOKEN}", "content-type": "application/json" },
          body: JSON.stringify([{ toBottom: true, cells: [] }]),
        });
        if (status !== 200) throw new Error(String(status));
      });
    };`,
  );
  return path;
}

const otel = (service: string, url: string) => ({
  OTEL_SERVICE_NAME: service,
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  OTEL_METRICS_EXPORTER: "none",
  OTEL_LOGS_EXPORTER: "none",
});

let postgres: PostgresServer;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.end());

describe("one trace goes from the request to the last write, from a process that receives to one that works", () => {
  it("over SQLite", () => checkTwoProcesses((folder) => `sqlite:${join(folder, "inbox.db")}`));
  it("over Postgres", () => checkTwoProcesses(() => `${postgres.url}?schema=traces`));
});

async function checkTwoProcesses(inboxOf: (folder: string) => string): Promise<void> {
  const collector = await startCollector();
  try {
    await withAccount(({ options, sheetId }) =>
      withFolder(async (folder) => {
        const preload = await writePreload(folder);
        const handlers = await writeHandlers(folder, options.env!.SMARTSHEET_API_URL!, sheetId);
        const start = (role: string, ready: RegExp) =>
          startServe([handlers, "--role", role], {
            env: {
              ...options.env,
              ...otel(role, collector.url),
              SHEETHOOK_SECRET: SECRET,
              SHEETHOOK_SECRETS_FILE: "",
              SHEETHOOK_INBOX: inboxOf(folder),
            },
            reads: [folder, root],
            writes: [folder],
            preload,
            ready,
          });
        const receive = await start("receive", /listening on (\S+)/);
        const work = await start("work", /sheethook (working)/);
        try {
          const { body, headers } = await signedRequest(callbackBody());
          const text = await new Response(body).text();
          const response = await fetch(receive.url, { method: "POST", body: text, headers });
          assert.equal(response.status, 200);
          await work.waitFor(/Processed callback/);
        } finally {
          // Then all has been handed over.
          assert.deepEqual(await Promise.all([receive.stop(), work.stop()]), [0, 0]);
        }
      })
    );
    const { spans } = collector;
    const [answer] = spans.filter(({ name }) => name === "POST /webhook");
    const ofTrace = spans.filter(({ traceId }) => traceId === answer?.traceId);
    const parentOf = ({ parentSpanId }: ExportedSpan) => spans.find(({ spanId }) => spanId === parentSpanId)?.name;
    assert.deepEqual(
      ofTrace.map((span) => [span.service, span.name, parentOf(span)]).sort(),
      [
        ["receive", "POST /webhook", undefined],
        ["receive", "send callbacks", "POST /webhook"],
        ["work", "POST /2.0/sheets/{id}/rows", "row.updated"],
        ["work", "process callbacks", "send callbacks"],
        ["work", "row.updated", "process callbacks"],
        ["work", "wait callbacks", "send callbacks"],
      ],
    );
    assert.doesNotMatch(JSON.stringify(spans), new RegExp(`${SECRET}|${TOKEN}`));
  } finally {
    await collector.stop();
  }
}

it("serve answers, works and stops as ever while its collector is away", async () => {
  const gone = await startCollector();
  await gone.stop();
  await withFolder(async (folder) => {
    const serve = await startServe([], {
      env: { ...otel("away", gone.url), SHEETHOOK_SECRET: SECRET },
      reads: [folder, root],
      preload: await writePreload(folder),
    });
    try {
      const { body, headers } = await signedRequest(callbackBody());
      const response = await fetch(serve.url, { method: "POST", body: await new Response(body).text(), headers });
      assert.equal(response.status, 200);
      await serve.waitFor(/row 1 /);
    } finally {
      assert.equal(await serve.stop(), 0);
    }
    assert.doesNotMatch(serve.output, / error /);
  });
});

it("serve runs where @opentelemetry/api is not installed, and warns of nothing", async () => {
  await withFolder(async (folder) => {
    // Sheethook with all of its packages but that one.
    for (const name of ["src", "package.json", "deno.json"]) {
      await cp(join(root, name), join(folder, name), { recursive: true });
    }
    await mkdir(join(folder, "node_modules"));
    for (const name of await readdir(join(root, "node_modules"))) {
      if (name === "@opentelemetry" || name.startsWith(".")) continue;
      await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
    }
    const handlers = join(folder, "handlers.mjs");
    await writeFile(
      handlers,
      `export default async (receiver) => {
        const found = await import("@opentelemetry/api").then(() => "found", () => "not found");
        receiver.on("row.updated", (event, context) => context.log.info("the package is {found}", { found }));
      };`,
    );
    const main = pathToFileURL(join(folder, "src", "cli", "main.ts"));
    const serve = await startChild(main, ["serve", handlers, "--port", "0", "--host", "127.0.0.1"], {
      env: { SHEETHOOK_SECRET: SECRET, SHEETHOOK_INBOX: "memory:", SHEETHOOK_ADMIN_PORT: "0" },
      permissions: ["-A"],
      cwd: folder,
    });
    try {
      const { body, headers } = await signedRequest(callbackBody());
      const response = await fetch(serve.url, { method: "POST", body: await new Response(body).text(), headers });
      assert.equal(response.status, 200);
      await serve.waitFor(/the package is not found/);
    } finally {
      assert.equal(await serve.stop(), 0);
    }
    assert.doesNotMatch(serve.output, /opentelemetry/);
  });
});
