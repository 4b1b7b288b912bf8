// Serves every receiver of the wire suite behind a door of its own; with two arguments (certificate and key), over TLS.
import process from "node:process";
import { createWireReceivers } from "../suites/wire_receivers.ts";
import { runtime } from "../support/runtime.ts";

const [certFile, keyFile] = process.argv.slice(2);
const { serve } = await import(`../../src/serve/${runtime}.ts`) as typeof import("../../src/serve/node.ts");
const receivers = Object.entries(await createWireReceivers());
const logger = { debug() {}, info() {}, warn() {}, error: console.error };
const servers = await Promise.all(
  receivers.map(([, { fetch }]) =>
    serve({ fetch, port: 0, hostname: "127.0.0.1", logger, ...(certFile && keyFile && { tls: { certFile, keyFile } }) })
  ),
);
const urls = Object.fromEntries(receivers.map(([name], index) => [name, servers[index]!.url]));
console.log(`ready ${JSON.stringify(urls)}`);
