// doctor --forward, against real targets.
import assert from "node:assert/strict";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { findingText } from "../../../src/cli/doctor/finding.ts";
import { examineTarget } from "../../../src/cli/doctor/target.ts";
import { createCertificate } from "../../support/certificate.ts";
import { runCli } from "../../support/run_cli.ts";
import { type AnswerMessage, answerWith, startTarget, withTarget } from "../../forward/start_target.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const env = { SHEETHOOK_FORWARD_SECRET: SECRET };

/** A target that does what it should. */
const verifying: AnswerMessage = (response, { text, headers }) => {
  try {
    new Webhook(SECRET).verify(text, headers);
    response.writeHead(204).end();
  } catch {
    response.writeHead(401).end();
  }
};

function doctor(url: string, args: readonly string[] = [], variables: Record<string, string> = env) {
  return runCli(["doctor", "--forward", url, ...args], { env: variables });
}

test("doctor finds nothing wrong with a target that verifies, and tells it a test message", async () => {
  await withTarget(verifying, async ({ url, got }) => {
    const { code, stdout, stderr } = await doctor(url);
    assert.equal(code, 0, stdout + stderr);
    assert.match(
      stdout,
      /^ok\[message\] +A signed test message is answered with 204\nok\[signature\] +.* refused with 401\n/,
    );
    assert.equal(got[0]!.body.type, "sheethook.test");
    const { ok, forward, findings } = JSON.parse((await doctor(url, ["--json"])).stdout);
    assert.deepEqual([ok, forward, findings.length], [true, url, 2]);
    assert.doesNotMatch(stdout + stderr, /whsec_|MfKQ9r8G/);
  });
});

test("doctor says what the answers of a target mean", async () => {
  const cases: readonly [AnswerMessage, number, RegExp][] = [
    [answerWith(200), 1, /error\[signature\] +A message with a wrong signature is accepted \(200\): anyone can forge/],
    [answerWith(401), 1, /error\[signature\] .*401; what to do: check that the target has one of the secrets/],
    [
      answerWith(401, { date: "Sat, 31 Jan 2026 08:00:00 GMT" }),
      1,
      /its clock is \d+ s from the one here; what to do: set both/,
    ],
    [answerWith(410), 1, /error\[message\] .*410: every callback would be discarded/],
    [answerWith(404), 1, /error\[message\] .*404; what to do: check the path/],
    [answerWith(422), 1, /error\[message\] .*422; what to do: answer 2xx also to a type/],
    [answerWith(429), 1, /error\[message\] .*429; what to do: see the target's log; .* tried again/],
    [answerWith(500), 1, /error\[message\] .*500; what to do: see the target's log/],
    [answerWith(503, { "retry-after": "60" }), 0, /warning\[message\] .*503, and asked to be called again in 60 s/],
    [
      answerWith(308, { location: "https://example.com/" }),
      1,
      /error\[redirect\] .*308, a redirect to https:\/\/example\.com\/, which isn't followed; what to do: forward to the URL that/,
    ],
    [(response) => void response.socket!.destroy(), 1, /error\[connection\] .*closed the connection without an answer/],
    [() => {}, 1, /error\[connection\] .*gave no answer in 0\.5 s/],
  ];
  for (const [answer, errors, pattern] of cases) {
    await withTarget(answer, async ({ url }) => {
      const findings = await examineTarget({ text: url, secrets: [SECRET], timeoutMs: 500, report() {} });
      assert.match(findings.map((finding) => findingText(finding)).join("\n"), pattern);
      assert.equal(findings.filter(({ severity }) => severity === "error").length, errors);
    });
  }
});

test("doctor finds that nothing listens, and a certificate that is not trusted", async () => {
  const gone = await startTarget();
  await gone.stop();
  assert.match(
    (await doctor(gone.url)).stdout,
    /error\[connection\] +Nothing listens at http:\S+ \(connection refused\)/,
  );

  // Some runtimes call such a port.
  assert.match(
    (await doctor("http://127.0.0.1:6000/")).stdout,
    /error\[connection\] +(fetch never calls port 6000, .*; what to do: let the target listen on another|Nothing listens)/,
  );

  const { cert, key } = await createCertificate();
  const server = createServer({ cert, key }, (_, response) => void response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  assert.match((await doctor(`https://127.0.0.1:${port}/`)).stdout, /error\[connection\] +No TLS connection to https:/);
  await withTarget(undefined, async ({ url }) => {
    assert.match((await doctor(url.replace("http:", "https:"))).stdout, /error\[connection\] /);
  });
  await new Promise((resolve) => server.close(resolve));
});

test("doctor tries a target without a secret, and says what is missing", async () => {
  await withTarget(undefined, async ({ url, got }) => {
    const { code, stdout } = await doctor(url, [], {});
    assert.equal(code, 0, stdout);
    assert.match(stdout, /unchecked\[signature\] .*; what to do: set SHEETHOOK_FORWARD_SECRET/);
    assert.equal(got.length, 1);
  });
  await withTarget(answerWith(401), async ({ url }) => {
    assert.match(
      (await doctor(url, [], {})).stdout,
      /401, but it isn't signed; what to do: set SHEETHOOK_FORWARD_SECRET/,
    );
  });
});

test("doctor refuses a target and a secret that make no sense", async () => {
  const wrong = [
    await doctor("example.com"),
    await doctor("http://localhost/", [], { SHEETHOOK_FORWARD_SECRET: "geheim-4711" }),
    await runCli(["doctor", "http://localhost:8000/webhook", "--forward", "http://localhost/"], { env }),
  ];
  assert.deepEqual(wrong.map(({ code, stdout }) => [code, stdout]), [[2, ""], [2, ""], [2, ""]]);
  assert.match(wrong[0]!.stderr, /--forward is "example\.com", but should be an http or https URL/);
  assert.match(wrong[1]!.stderr, /SHEETHOOK_FORWARD_SECRET is something else, but should be whsec_/);
  assert.match(wrong[2]!.stderr, /should be one of them/);
});
