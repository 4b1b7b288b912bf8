import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createHmac } from "node:crypto";
import type { AddressInfo } from "node:net";
import { currentRuntime } from "../../../src/cli/server_adapter.ts";
import { PATH, SECRET } from "../fixture.ts";
import { sink } from "./sink.ts";

const decoder = new TextDecoder();

/** The least that can be called verified: read, HMAC, compare, parse, loop, 200. No limits, no time-outs, no errors. */
async function answer(request: Request): Promise<Response> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  const hex = createHmac("sha256", SECRET).update(bytes).digest("hex");
  if (hex !== request.headers.get("smartsheet-hmac-sha256")) return new Response(null, { status: 401 });
  for (const event of JSON.parse(decoder.decode(bytes)).events) await sink.onEvent(event);
  return new Response(null, { status: 200 });
}

/** Serves the floor on the server that sheethook's door uses. @returns the port */
export async function serveFloor(): Promise<number> {
  const hostname = "127.0.0.1";
  switch (currentRuntime()) {
    case "deno":
      return Deno.serve({ port: 0, hostname, onListen() {} }, answer).addr.port;
    case "bun":
      return Bun.serve({ port: 0, hostname, routes: { [PATH]: { POST: answer } } }).port!;
    case "node": {
      const app = new Hono().post(PATH, (context) => answer(context.req.raw));
      return await new Promise((resolve) => {
        serve({ fetch: app.fetch, port: 0, hostname }, ({ port }: AddressInfo) => resolve(port));
      });
    }
  }
}
