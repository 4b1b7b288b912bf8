import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { generate } from "selfsigned";
import { explainNoAnswer } from "../../../src/cli/send/deliver.ts";
import { checkUrl, isPrivate } from "../../../src/cli/doctor/address.ts";
import { type Examination, examineUrl } from "../../../src/cli/doctor/url.ts";
import { type Finding, findingText, summaryText } from "../../../src/cli/doctor/finding.ts";
import { signBody } from "../../../src/receive/signature.ts";
import { createReceiver } from "../../../src/receiver.ts";
import { createLog, SECRET, WEBHOOK_ID } from "../../support/callbacks.ts";
import { createCertificate } from "../../support/certificate.ts";

type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => void | Promise<void>;

interface Place {
  readonly host?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** What `examineUrl` finds at a server that answers so, told as `severity check: text`. */
async function examine(answer: Answer, options: Partial<Examination> = {}, place: Place = {}): Promise<string[]> {
  const findings = await findingsOf(answer, options, place);
  return findings.map(({ severity, check, text }) => `${severity} ${check}: ${text}`);
}

async function findingsOf(answer: Answer, options: Partial<Examination>, place: Place = {}): Promise<Finding[]> {
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    try {
      for await (const chunk of request.setEncoding("utf8")) body += chunk;
      await answer(request, body, response);
    } catch { /* It hung up. */ }
  };
  const server: Server = place.tls ? createTlsServer(place.tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const told: Finding[] = [];
  try {
    const url = new URL(`${place.tls ? "https" : "http"}://${place.host ?? "127.0.0.1"}:${port}/hook`);
    const all = { webhookId: WEBHOOK_ID, secret: SECRET, timeoutMs: 10_000, local: true };
    const findings = await examineUrl({ url, ...all, report: (finding) => void told.push(finding), ...options });
    assert.deepEqual(told, findings);
    for (const { severity, text, toDo } of findings) assert.equal(toDo === undefined, severity === "ok", text);
    return findings;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A good receiver, with what is wrong with it laid over. */
function receiver(faults: { readonly [Kind in "challenge" | "signed" | "other"]?: Answer } = {}): Answer {
  return async (request, body, response) => {
    const challenge = request.headers["smartsheet-hook-challenge"];
    if (challenge !== undefined && (faults.challenge || JSON.parse(body).webhookId === WEBHOOK_ID)) {
      if (faults.challenge) return await faults.challenge(request, body, response);
      response.setHeader("smartsheet-hook-response", challenge);
      return void response.end();
    }
    const isSigned = request.headers["smartsheet-hmac-sha256"] === await signBody(body, SECRET);
    if (isSigned && faults.signed) return await faults.signed(request, body, response);
    if (!isSigned && faults.other) return await faults.other(request, body, response);
    response.writeHead(isSigned ? 200 : challenge ? 403 : request.method === "GET" ? 405 : 401).end();
  };
}

const withStatus = (status: number, headers: Record<string, string> = {}): Answer => (_, _body, response) =>
  void response.writeHead(status, headers).end();

const problems = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("ok "));

describe("examineUrl()", () => {
  it("finds nothing wrong with a good receiver", async () => {
    const lines = await examine(receiver());
    assert.deepEqual(lines.map((line) => line.split(":")[0]), [
      ...["ok challenge", "ok foreign", "ok get", "ok signed", "ok status", "ok signature", "ok signature", "ok body"],
      "ok time",
    ]);
  });

  it("finds nothing wrong with ours, and calls no handler of it", async () => {
    const log = createLog();
    const ours = createReceiver({ secrets: { [WEBHOOK_ID]: SECRET }, logger: log });
    const called: string[] = [];
    ours.on("*.*", (event) => void called.push(`${event.objectType}.${event.eventType}`));
    ours.onCallback(() => void called.push("callback"));
    ours.onStatus(() => void called.push("status"));
    const lines = await examine(async (request, body, response) => {
      const { method = "GET" } = request;
      const headers = new Headers(request.headers as Record<string, string>);
      const answer = await ours.fetch(new Request("http://a/hook", { method, headers, ...(body && { body }) }));
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    });
    assert.deepEqual(problems(lines), []);
    assert.deepEqual(called, []);
    const { accepted, handled, unhandled } = ours.counts;
    assert.deepEqual({ accepted, handled, unhandled }, { accepted: 4, handled: 0, unhandled: 0 });
  });

  it("says what a made-up webhook and a missing secret leave unchecked", async () => {
    const lines = await examine(receiver(), { webhookId: undefined, secret: undefined });
    assert.match(
      problems(lines)[0]!,
      /^unchecked challenge: The receiver answers 403 to webhook \d+, which is a sample id$/,
    );
    assert.match(problems(lines)[1]!, /^unchecked signed: Without a secret no callback can be signed$/);
    assert.equal(problems(lines).length, 2);
  });

  it("says that nobody listens, and stops there", async () => {
    const lines = await examine(receiver(), { url: new URL("http://127.0.0.1:1/hook") });
    assert.match(lines[0]!, /^error connection: /);
    assert.match(lines[1]!, /^unchecked callbacks: /);
    assert.equal(lines.length, 2);
  });

  it("says where a redirect leads, and warns of one for a slash", async () => {
    const lines = await examine(withStatus(308, { location: "/hook/" }));
    assert.match(
      lines[0]!,
      /^error redirect: The challenge is answered with 308, to http:\/\/127\.0\.0\.1:\d+\/hook\/: /,
    );
    const good = receiver();
    const slash = await examine((request, body, response) =>
      request.url === "/hook/"
        ? withStatus(301, { location: "/hook" })(request, body, response)
        : good(request, body, response)
    );
    assert.match(problems(slash)[0]!, /^warning slash: \/hook\/ is answered with a redirect \(301\)/);
  });

  it("says what is wrong with the answer to a challenge", async () => {
    const wrong = async (challenge: Answer) => problems(await examine(receiver({ challenge })))[0];
    assert.match((await wrong(withStatus(200)))!, /^error challenge: .*DISABLED_VERIFICATION_FAILED.*should come back/);
    assert.match((await wrong(withStatus(404)))!, /^error challenge: The answer was 404/);
    assert.match((await wrong(withStatus(204)))!, /should be 200/);
  });

  it("takes a path where nothing is for no receiver that refuses forgeries", async () => {
    const nowhere = await examine(withStatus(404));
    assert.deepEqual(nowhere.filter((finding) => / signature:/.test(finding)), [
      "unchecked signature: An unsigned callback is refused with 404, as everything at this path may be",
      "unchecked signature: A callback with a wrong signature is refused with 404, as everything at this path may be",
    ]);
    const hidden = await examine(receiver({ other: withStatus(404) }));
    assert.ok(hidden.includes("ok signature: An unsigned callback is refused with 404"), hidden.join("\n"));
  });

  it("says that a webhook is none of the receiver's, if the secrets here are another receiver's", async () => {
    const findings = await findingsOf(receiver(), { webhookId: 42 });
    const challenge = findings.find(({ check }) => check === "challenge");
    assert.match(challenge?.text ?? "", /^The receiver answers 403 to webhook 42: it doesn't belong to the receiver/);
    assert.match(challenge?.toDo ?? "", /names a webhook of this receiver;/);
    assert.doesNotMatch(challenge?.toDo ?? "", /send the challenge back/);
  });

  it("names the limit of a queue to one that can't store what is large", async () => {
    const full: Answer = (_, body, response) => void response.writeHead(body.length > 102_400 ? 503 : 200).end();
    const body = (await findingsOf(receiver({ signed: full }), {})).at(-2);
    assert.match(body?.text ?? "", /over 100 kB is answered with 503, a small one is not/);
    assert.match(body?.toDo ?? "", /store large bodies elsewhere: .* holds 128 kB/);
  });

  it("warns of one that answers everybody's challenge", async () => {
    const echo: Answer = (request, _, response) =>
      void response.writeHead(200, { "smartsheet-hook-response": request.headers["smartsheet-hook-challenge"]! }).end();
    assert.match(
      problems(await examine(receiver({ challenge: echo })))[0]!,
      /^warning foreign: The challenge of any webhook/,
    );
  });

  it("says what Smartsheet does with an answer to a signed callback", async () => {
    const signed = async (status: number) => problems(await examine(receiver({ signed: withStatus(status) })));
    for (const status of [201, 204, 302, 410]) {
      assert.match(
        (await signed(status))[0]!,
        new RegExp(`^error signed: A signed callback is answered with ${status}: Smartsheet `),
      );
    }
    assert.match((await signed(202))[0]!, /would disable the webhook at once/);
    assert.match((await signed(500))[0]!, /14 times over/);
    assert.match((await signed(401))[0]!, /answered with 401/);
    const noStatus = receiver({
      signed: (_, body, response) => void response.writeHead(JSON.parse(body).events ? 200 : 400).end(),
    });
    assert.match(problems(await examine(noStatus))[0]!, /^error status: A signed status callback .* answered with 400/);
  });

  it("finds that signatures aren't checked, or only when they are there", async () => {
    const all = problems(await examine(receiver({ other: withStatus(200) })));
    assert.deepEqual(all.map((line) => line.replace(/\(.*/, "")), [
      "error signature: An unsigned callback is accepted ",
      "error signature: A callback with a wrong signature is accepted ",
    ]);
    const ifThere: Answer = (request, _, response) =>
      void response.writeHead(request.headers["smartsheet-hmac-sha256"] ? 401 : 200).end();
    assert.equal(problems(await examine(receiver({ other: ifThere }))).length, 1);
    const failing = problems(await examine(receiver({ other: withStatus(500) })));
    assert.match(failing[1]!, /^warning signature: An unsigned callback makes it fail \(500\)/);
  });

  it("finds a body limit, with or without a secret", async () => {
    const limited: Answer = (_, body, response) => void response.writeHead(body.length > 102_400 ? 413 : 200).end();
    assert.match(
      problems(await examine(receiver({ signed: limited })))[0]!,
      /^error body: A callback of over 100 kB is too large/,
    );
    const unsigned: Answer = (_, body, response) => void response.writeHead(body.length > 1_000_000 ? 413 : 401).end();
    const lines = problems(await examine(receiver({ other: unsigned }), { secret: undefined }));
    assert.match(lines.at(-1)!, /^error body: A callback of over 1 MB is too large/);
  });

  it("doesn't take an answer that small callbacks get, too, for a body limit", async () => {
    const lines = problems(await examine(receiver({ other: withStatus(503) }), { secret: undefined }));
    assert.match(
      lines.at(-1)!,
      /^unchecked body: A callback of over 100 kB is answered with 503, but so is a small one/,
    );
    const full: Answer = (_, body, response) => void response.writeHead(body.length > 102_400 ? 503 : 200).end();
    assert.match(
      problems(await examine(receiver({ signed: full }))).at(-1)!,
      /^error body: A callback of over 100 kB is answered with 503, a small one is not/,
    );
  });

  it("finds answers that come late, or not at all", async () => {
    const late: Answer = (_, body, response) =>
      void setTimeout(() => response.end(), JSON.parse(body).newWebhookStatus ? 4100 : 0);
    const lines = problems(await examine(receiver({ signed: late })));
    assert.match(
      lines.at(-1)!,
      /^error time: The slowest answer took \d+ ms \(.*\): Smartsheet gives up after about 5 s/,
    );
    const never = problems(await examine(receiver({ signed: () => {} }), { timeoutMs: 500 }));
    assert.match(never[0]!, /^error signed: .* gave no answer in 500 ms/);
  });

  it("finds what keeps Smartsheet from calling", async () => {
    const lines = await examine(receiver(), { local: false });
    assert.match(lines[0]!, /^error scheme: The URL is http/);
    assert.match(lines[1]!, /^error port: Smartsheet doesn't call port \d+/);
    assert.match(lines[2]!, /^error address: 127\.0\.0\.1 is a private address/);
    assert.match(lines[3]!, /^ok challenge/);
  });
});

describe("examineUrl() of https", () => {
  const certificate = (lines: readonly string[]) => lines.filter((line) => / (certificate|connection):/.test(line));

  it("finds a certificate that is self-signed, and goes on", async () => {
    const lines = await examine(receiver(), {}, { tls: await createCertificate() });
    assert.deepEqual(certificate(lines), [
      "error certificate: The certificate is self-signed, and Smartsheet calls no such server",
    ]);
    assert.ok(lines.some((line) => line.startsWith("ok signed")));
  });

  it("finds one that has expired, and one for another name", async () => {
    const expired = certificate(await examine(receiver(), {}, { tls: await createCertificate(-5) }));
    assert.match(expired[0]!, /^error certificate: The certificate expired on /);
    const soon = certificate(await examine(receiver(), {}, { tls: await createCertificate(5) }));
    assert.match(soon[0]!, /^warning certificate: The certificate expires in 5 days/);
    const { cert, private: key } = await generate([{ name: "commonName", value: "a.example" }], {
      keyType: "ec",
      algorithm: "sha256",
      extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "*.a.example" }] }],
    });
    const other = certificate(await examine(receiver(), {}, { tls: { cert, key } }));
    assert.match(other[0]!, /^error certificate: The certificate is for \*\.a\.example, not for 127\.0\.0\.1/);
  });

  it("finds a chain that is incomplete", async () => {
    const ca = await generate([{ name: "commonName", value: "An Authority" }], {
      keyType: "ec",
      algorithm: "sha256",
      extensions: [{ name: "basicConstraints", cA: true, critical: true }],
    });
    const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
      keyType: "ec",
      algorithm: "sha256",
      ca: { key: ca.private, cert: ca.cert },
      extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
    });
    const lines = certificate(await examine(receiver(), {}, { tls: { cert, key } }));
    assert.match(lines[0]!, /^error certificate: The chain is incomplete: An Authority, which issued the certificate,/);
    assert.equal(lines.length, 1);
    const whole = certificate(await examine(receiver(), {}, { tls: { cert: `${cert}\n${ca.cert}`, key } }));
    assert.match(whole[0]!, /^error certificate: The authority behind An Authority isn't a public one/);
  });

  it("finds a chain that ends at an authority that isn't known", async () => {
    const authority = [{ name: "basicConstraints" as const, cA: true, critical: true }];
    const how = { keyType: "ec", algorithm: "sha256" } as const;
    const root = await generate([{ name: "commonName", value: "A Root" }], { ...how, extensions: authority });
    const between = await generate([{ name: "commonName", value: "Between" }], {
      ...how,
      ca: { key: root.private, cert: root.cert },
      extensions: authority,
    });
    const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
      ...how,
      ca: { key: between.private, cert: between.cert },
      extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
    });
    const lines = certificate(await examine(receiver(), {}, { tls: { cert: `${cert}\n${between.cert}`, key } }));
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /^error certificate: The authority of Between isn't known, or /);
  });

  it("finds that nothing speaks TLS there", async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const lines = await examine(receiver(), { url: new URL(`https://127.0.0.1:${port}/hook`) });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    assert.match(lines[0]!, /^error connection: .*(speaks no TLS|No TLS connection|No complete answer)/);
    assert.deepEqual(lines.slice(1), ["unchecked callbacks: No callback was sent"]);
  });
});

describe("what it is made of", () => {
  it("checkUrl() knows the ports", () => {
    const bad = (url: string) =>
      checkUrl(new URL(url)).filter(({ severity }) => severity === "error").map(({ check }) => check);
    for (const port of ["", ":443", ":8000", ":8008", ":8080", ":8443"]) {
      assert.deepEqual(bad(`https://a.example${port}/`), []);
    }
    assert.deepEqual(bad("https://a.example:9443/"), ["port"]);
    assert.deepEqual(bad("http://a.example/"), ["scheme", "port"]);
  });

  it("isPrivate() knows addresses that aren't on the internet", () => {
    for (
      const address of ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "0.0.0.0"]
    ) {
      assert.ok(isPrivate(address), address);
    }
    for (const address of ["::1", "::", "fd12::1", "fe80::1", "::ffff:10.0.0.1"]) {
      assert.ok(isPrivate(address), address);
    }
    for (const address of ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"]) {
      assert.ok(!isPrivate(address), address);
    }
  });

  it("explainNoAnswer() knows who speaks TLS, but not with Smartsheet", () => {
    const explain = (message: string, code?: string) =>
      explainNoAnswer(new URL("https://localhost:8443"), 1000, Object.assign(new Error(message), { code }));
    const openSsl = (alert: string) =>
      `40DD42CF547F0000:error:0A00042E:SSL routines:ssl3_read_bytes:${alert}:../deps/rec_layer_s3.c:918:SSL alert number 70\n`;
    for (const old of [openSsl("tlsv1 alert protocol version"), "received fatal alert: ProtocolVersion"]) {
      assert.match(explain(old, "EPROTO"), / speaks only an old TLS, but should speak TLS 1.2 or newer$/);
    }
    for (const asking of [openSsl("tlsv13 alert certificate required"), "received fatal alert: CertificateRequired"]) {
      assert.match(explain(asking), / asks for a client's certificate, but /);
    }
    assert.match(explain(openSsl("tlsv1 alert internal error")), /^No TLS .* \(tlsv1 alert internal error\): /);
    assert.match(explain(openSsl("wrong version number"), "EPROTO"), / speaks no TLS: is it http:/);
  });

  it("findingText() is one line, with what to do", () => {
    const finding: Finding = { severity: "error", check: "port", text: "A", toDo: "b" };
    assert.equal(findingText(finding), "error[port]              A; what to do: b");
    assert.equal(
      findingText({ ...finding, text: "A\n\x1b\u202eB" }),
      "error[port]              A B; what to do: b",
    );
    assert.equal(summaryText([finding]), "1 error, no warnings");
  });
});
