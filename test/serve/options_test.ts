import assert from "node:assert/strict";
import { test } from "node:test";
import type { SheethookError } from "../../src/errors.ts";
import { callbackUrl, listenError, parseServeOptions } from "../../src/serve/options.ts";

const fetch = () => new Response();
const tls = { certFile: "a.crt", keyFile: "a.key" };

test("parseServeOptions() has the defaults that are promised", () => {
  const { logger: _, onRefused: _none, ...settings } = parseServeOptions({ fetch });
  assert.deepEqual(settings, {
    fetch,
    port: 8000,
    hostname: "0.0.0.0",
    path: "/webhook",
    tls: undefined,
    headersTimeoutMs: 10_000,
    requestTimeoutMs: 30_000,
    certificatePollMs: 10_000,
  });
});

test("parseServeOptions() takes a path that is asked for as it is written", () => {
  for (const path of ["/", "/webhook", "/a/b.c-d_e~f", "/webhook/", "*", "/a@b", "/w+x", "/healthz/x"]) {
    assert.equal(parseServeOptions({ fetch, path }).path, path);
  }
});

test("parseServeOptions() refuses a path that would never be asked for, or that is a pattern", () => {
  const paths = [
    "",
    "webhook",
    "/:id",
    "/*",
    "/a{1}",
    "/a?b",
    "/a#b",
    "/healthz",
    "//a",
    "/a/../b",
    "/a b",
    "/ä",
    "/a%20b",
  ];
  for (const path of [...paths, "http://localhost/a", "/a\\b", "/a\n"]) {
    assert.throws(() => parseServeOptions({ fetch, path }), (error: SheethookError) => {
      assert.equal(error.code, "option_invalid");
      assert.match(error.message, /^path is ".*", but should be an absolute path such as \/webhook/);
      return true;
    });
  }
});

test("parseServeOptions() refuses numbers out of bounds", () => {
  const invalid = [
    { port: -1 },
    { port: 65_536 },
    { port: 80.5 },
    { port: NaN },
    { headersTimeoutMs: 0 },
    { headersTimeoutMs: 10_000.5 },
    { headersTimeoutMs: 2 ** 31 },
    { requestTimeoutMs: 1000.5 },
    { certificatePollMs: 2 ** 31 },
    { requestTimeoutMs: 255_001 },
    { certificatePollMs: 0 },
  ];
  for (const options of invalid) {
    const name = Object.keys(options)[0]!;
    assert.throws(() => parseServeOptions({ fetch, ...options }), {
      code: "option_invalid",
      message: RegExp(`^${name} is `),
    });
  }
});

test("parseServeOptions() refuses what is no option, and a fetch that is no function", () => {
  assert.throws(() => parseServeOptions({ fetch, host: "127.0.0.1" } as never), {
    code: "option_invalid",
    message: /^serve\(\) has no option "host": .*hostname/,
  });
  assert.throws(() => parseServeOptions({ fetch: undefined as never }), {
    code: "option_invalid",
    message: "fetch is undefined, but should be a function",
  });
  for (const options of [undefined, null]) {
    assert.throws(() => parseServeOptions(options as never), {
      code: "option_invalid",
      message: /should be an object/,
    });
  }
});

test("callbackUrl() can be called: loopback for every interface, brackets for IPv6, https with TLS", () => {
  const url = (hostname: string, withTls = false) =>
    callbackUrl(parseServeOptions({ fetch, hostname, ...(withTls ? { tls } : {}) }), 8443);
  assert.equal(url("0.0.0.0"), "http://127.0.0.1:8443/webhook");
  assert.equal(url("::"), "http://127.0.0.1:8443/webhook");
  assert.equal(url("::1"), "http://[::1]:8443/webhook");
  assert.equal(url("[::1]"), "http://[::1]:8443/webhook");
  assert.equal(url("192.0.2.7", true), "https://192.0.2.7:8443/webhook");
  assert.equal(callbackUrl(parseServeOptions({ fetch, path: "*" }), 8000), "http://127.0.0.1:8000");
});

test("listenError() says what to do and keeps the cause", () => {
  const settings = parseServeOptions({ fetch });
  const of = (code: string) => listenError(Object.assign(new Error("listen"), { code }), settings);
  assert.match(of("EADDRINUSE").message, /^Port 8000 on 0\.0\.0\.0 is taken: /);
  assert.match(of("EACCES").message, /^Port 8000 on 0\.0\.0\.0 is not open to this user: /);
  assert.match(of("EADDRNOTAVAIL").message, /^Port 8000 on 0\.0\.0\.0 can't be listened on: hostname should be /);
  assert.match(of("EOTHER").message, /^Port 8000 on 0\.0\.0\.0 can't be listened on: Error: listen$/);
  assert.equal((of("EADDRINUSE").cause as { code: string }).code, "EADDRINUSE");
  assert.equal(of("EOTHER").code, "listen_failed");
  assert.deepEqual(["EADDRINUSE", "EACCES", "EADDRNOTAVAIL", "EOTHER"].map((code) => of(code).option), [
    ...["port", "port", "hostname", undefined],
  ]);
});

test("parseServeOptions() takes a logger that throws", () => {
  const error = () => assert.fail("the disk is full");
  parseServeOptions({ fetch, logger: { debug: error, info: error, warn: error, error } }).logger.error("x");
});
