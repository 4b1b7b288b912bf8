import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { signBody } from "../../../src/receive/signature.ts";
import { callbackBody, SECRET } from "../../support/callbacks.ts";
import { createCertificate, writeCertificate } from "../../support/certificate.ts";
import { startChild } from "../../support/runtime.ts";
import { sendWireRequest } from "../../suites/send_wire_request.ts";

const program = new URL("../wire_program.ts", import.meta.url);

/** More than are answered at once. */
const TRICKLING = 270;

/** Opens a connection that sends headers and then one byte of a body now and then. */
async function trickle(url: URL, length: number): Promise<Socket> {
  const port = Number(url.port);
  const isTls = url.protocol === "https:";
  const socket = isTls
    ? connectTls({ port, host: url.hostname, rejectUnauthorized: false })
    : connect(port, url.hostname);
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.once(isTls ? "secureConnect" : "connect", () => resolve()));
  socket.write(
    `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nSmartsheet-Hmac-SHA256: 0\r\nContent-Length: ${length}\r\n\r\n{`,
  );
  const timer = setInterval(() => socket.write(" "), 1000);
  socket.on("close", () => clearInterval(timer));
  return socket;
}

for (const withTls of [false, true]) {
  const door = withTls ? "the door with TLS" : "the door";
  test(`${TRICKLING} bodies that trickle turn no signed callback away (${door})`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "sheethook-"));
    const { certFile, keyFile } = await writeCertificate(folder, await createCertificate());
    const args = withTls ? [certFile, keyFile] : [];
    const child = await startChild(program, args, { permissions: ["-A"], ready: /ready (\{.*\})/ });
    const sockets: Socket[] = [];
    try {
      const url = JSON.parse(child.url).patient as string;
      // Some are small enough to be read at once, some are read piece by piece.
      const lengths = Array.from({ length: TRICKLING }, (_, count) => count % 2 ? 1000 : 1_000_000);
      sockets.push(...await Promise.all(lengths.map((length) => trickle(new URL(url), length))));
      for (let count = 0; count < 20; count++) {
        const body = callbackBody({ nonce: `flood-${count}` });
        const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
        assert.equal((await sendWireRequest(url, { body, headers })).status, 200);
      }
      assert.equal(sockets.filter(({ destroyed }) => destroyed).length, 0, "those that trickle were cut too early");
    } finally {
      for (const socket of sockets) socket.destroy();
      await child.kill();
      await rm(folder, { recursive: true });
    }
  });
}
