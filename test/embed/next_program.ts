// Serves the route as Next.js would: what isn't POST gets 405.
import { getRequestListener } from "@hono/node-server";
import { createServer } from "node:http";
import process from "node:process";
import { POST } from "./next_route.ts";

const listener = getRequestListener((request) =>
  request.method === "POST" ? POST(request) : new Response(null, { status: 405 })
);
createServer((request, response) => void listener(request, response)).listen(Number(process.env.PORT));
