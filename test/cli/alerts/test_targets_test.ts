// sheethook alert test
import assert from "node:assert/strict";
import { test } from "node:test";
import { answerWith, startTarget, withTarget } from "../../forward/start_target.ts";
import { runCli } from "../../support/run_cli.ts";

const HIDDEN = "hidden-path-0815/geheim?sig=geheim-4711";
const run = (urls: string, ...args: string[]) =>
  runCli(["alert", "test", ...args], { env: { SHEETHOOK_ALERT_URL: urls } });

test("alert test posts a message to each target, and says that each has taken it", async () => {
  await withTarget(answerWith(202), async (one) => {
    await withTarget(answerWith(204), async (other) => {
      const { code, stdout, stderr } = await run(`${one.url}/${HIDDEN},${other.url}`, "--json");
      assert.deepEqual([code, stderr], [0, ""]);
      const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
      assert.deepEqual(lines.map(({ target, format, ok, status }) => [target, format, ok, status]), [
        [new URL(one.url).origin, "json", true, 202],
        [new URL(other.url).origin, "json", true, 204],
      ]);
      assert.doesNotMatch(stdout, /geheim/);
      assert.deepEqual([one.got.length, other.got.length], [1, 1]);
      const { type, state, subject } = one.got[0]!.body;
      assert.deepEqual({ type, state, subject }, { type: "test", state: "raised", subject: {} });
    });
  });
});

test("alert test fails, and says what an answer means, without the secret part of the URL", async () => {
  const cases = [
    [answerWith(404), /answered 404: check the URL/],
    [
      answerWith(301, { location: "http://127.0.0.1:1/" }),
      /answered 301, a redirect, .*: give the URL that the redirect/,
    ],
    [answerWith(500), /answered 500: it has failed itself/],
    [answerWith(429), /answered 429: it gets too many/],
    [
      (response: Parameters<ReturnType<typeof answerWith>>[0]) =>
        void response.writeHead(400).end("invalid_payload\nmore"),
      /answered 400 "invalid_payload": it doesn't take this JSON/,
    ],
  ] as const;
  for (const [answer, expected] of cases) {
    await withTarget(answer, async ({ url, got }) => {
      const { code, stdout, stderr } = await run(`${url}/${HIDDEN}`);
      assert.deepEqual([code, got.length, stderr], [1, 1, ""]);
      assert.match(stdout, expected);
      assert.doesNotMatch(stdout, /geheim/);
    });
  }
  const down = await startTarget();
  await down.stop();
  const { code, stdout } = await run(`${down.url}/${HIDDEN}`);
  assert.equal(code, 1);
  assert.match(stdout, /^error http:\/\/127\.0\.0\.1:\d+ \(json\) gave no answer: .*: check host and port/);
  assert.doesNotMatch(stdout, /geheim/);
});

test("alert test refuses what is no URL of a target, and shows nothing of it", async () => {
  for (
    const urls of [
      "",
      "geheim",
      "ftp://example.com/geheim",
      "https://me:geheim@example.com/",
      "http://a/geheim,http://a/geheim",
    ]
  ) {
    const { code, stderr } = await run(urls);
    assert.equal(code, 2, urls);
    assert.match(stderr, /--alert-url/);
    assert.doesNotMatch(stderr, /geheim/);
  }
});

test("alert test --dry-run prints the body of each alert, and posts nothing", async () => {
  await withTarget(undefined, async ({ url, got }) => {
    const { code, stdout } = await run(
      `${url}/${HIDDEN}, https://hooks.slack.com/services/geheim`,
      "--dry-run",
      "--json",
    );
    assert.deepEqual([code, got], [0, []]);
    assert.doesNotMatch(stdout, /geheim/);
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    const types = new Set(lines.flatMap(({ body }) => body.type ?? []));
    assert.deepEqual(
      [...types],
      ["test", "webhook_disabled", "dead_letters", "lane_held", "sheet_silent", "events_missed", "inbox_unwritable"],
    );
    assert.ok(lines.filter(({ format }) => format === "slack").every(({ body }) => typeof body.text === "string"));
  });
  const { code, stdout } = await run("", "--dry-run");
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout.split("\n")[0]!).type, "test");
});

test("alert test refuses a blank --alert-url: a variable in a script may be unset", async () => {
  for (const blank of ["", " ,"]) {
    const { code, stderr } = await runCli(["alert", "test", "--dry-run", "--alert-url", blank]);
    assert.deepEqual([code, /--alert-url.* It should not be blank/.test(stderr)], [2, true], stderr);
  }
});
