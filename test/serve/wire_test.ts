import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCertificate, writeCertificate } from "../support/certificate.ts";
import { runtime, startChild } from "../support/runtime.ts";
import { sendWireRequest } from "../suites/send_wire_request.ts";
import { type WireRequest, wireSuite } from "../suites/wire_suite.ts";

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
    send: (receiver: string, request: WireRequest) => sendWireRequest(urls[receiver]!, request),
    async close() {
      await child.kill();
      await cleanUp?.();
    },
  };
}
