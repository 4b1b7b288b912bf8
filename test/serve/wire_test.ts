import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCertificate, writeCertificate } from "../certificate.ts";
import { runtime, startChild } from "../runtime.ts";
import { type WireAnswer, type WireRequest, wireSuite } from "../suites/wire_suite.ts";

const program = new URL("./wire_program.ts", import.meta.url);

wireSuite(`wire, over HTTP against the ${runtime} door`, () => openDoors());

wireSuite(`wire, over HTTPS against the ${runtime} door`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-"));
  const { certFile, keyFile } = await writeCertificate(folder, await createCertificate());
  return openDoors([certFile, keyFile], () => rm(folder, { recursive: true }));
});

async function openDoors(args: string[] = [], cleanUp?: () => Promise<void>) {
  const child = await startChild(program, args, { permissions: ["-A"], ready: /ready (\{.*\})/ });
  const urls: Record<string, string> = JSON.parse(child.url);
  return {
    send: (receiver: string, request: WireRequest) => send(urls[receiver]!, request),
    async close() {
      await child.kill();
      await cleanUp?.();
    },
  };
}

function send(url: string, { method = "POST", headers = {}, body, stalled, chunked }: WireRequest): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers }, agent: false as const, rejectUnauthorized: false };
    const request = (url.startsWith("https:") ? httpsRequest : httpRequest)(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => text += chunk);
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode!, headers: new Headers(response.headers as Record<string, string>), body: text });
        request.destroy();
      });
    });
    request.on("error", reject);
    if (stalled) {
      request.setHeader("content-length", 10);
      request.flushHeaders();
    } else if (chunked) {
      for (let at = 0; at < body!.length; at += 10_000) request.write(body!.slice(at, at + 10_000));
      request.end();
    } else request.end(body);
  });
}
