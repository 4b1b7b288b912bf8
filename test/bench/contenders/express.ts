import express from "express";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { AddressInfo } from "node:net";
import { PATH, SECRET } from "../fixture.ts";
import { sink } from "./sink.ts";

/** What people write: Express, the raw body, an HMAC, a loop. @returns the port */
export function serveExpress(): Promise<number> {
  const app = express();
  app.post(PATH, express.raw({ type: "application/json", limit: "10mb" }), (request, response) => {
    const mac = createHmac("sha256", SECRET).update(request.body).digest();
    const signature = Buffer.from(request.get("smartsheet-hmac-sha256") ?? "", "hex");
    if (signature.length !== mac.length || !timingSafeEqual(signature, mac)) return void response.status(401).end();
    for (const event of JSON.parse(request.body.toString()).events) sink.onEvent(event);
    response.status(200).end();
  });
  return new Promise((resolve) => {
    const server = app.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
