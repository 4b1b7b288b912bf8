import assert from "node:assert/strict";
import { test } from "node:test";
import type { SheethookError } from "../../../src/errors.ts";
import { openAdmin } from "../../support/admin_requests.ts";
import { dead, deadOf } from "../../support/filled_inbox.ts";

const TOKEN = "a token of 16 or more";
const OPS = "https://ops.example.com";

test("createAdmin() answers to every name that it is given, with any port and with a trailing dot", async () => {
  const { ask } = openAdmin({ hostname: ["0.0.0.0", "sheethook.internal", "10.1.2.3", "fd00::1"] });
  const ours = ["sheethook.internal", "SHEETHOOK.internal.:9464", "10.1.2.3:80", "[fd00::1]:9464", "localhost.:1"];
  for (const host of ours) assert.equal((await ask("/readyz", { headers: { host } })).status, 200, host);
  const others = [
    "internal",
    "x.sheethook.internal",
    "sheethook.internal..",
    "10.1.2.4",
    "[fd00::2]",
    "10.1.2.3.nip.io",
  ];
  for (const host of others) assert.equal((await ask("/readyz", { headers: { host } })).status, 421, host);
});

test("createAdmin() answers machines with the token whatever Host they call, and shows them no console there", async () => {
  const { ask } = openAdmin({ hostname: "0.0.0.0", token: TOKEN });
  const status = async (path: string, token: string) =>
    (await ask(path, { headers: { host: "10.244.1.7:9464", authorization: `Bearer ${token}` } })).status;
  for (const path of ["/metrics", "/readyz"]) {
    assert.equal(await status(path, TOKEN), 200, path);
    assert.equal(await status(path, `${TOKEN}!`), 421, path);
  }
  assert.equal(await status("/console", TOKEN), 421);
});

test("createAdmin() refuses names with a port or a scheme, and URLs that can't be a proxy's", () => {
  for (const hostname of ["10.1.2.3:9464", "http://ops", "a,b", "", [], ["127.0.0.1", ""]]) {
    assert.throws(() => openAdmin({ hostname }), /^SheethookError: hostname is .* without a port/, String(hostname));
  }
  for (const url of ["ops.example.com", "ftp://ops", "https://a:b@ops", `${OPS}/"><b>`, `${OPS}/?a=1`]) {
    assert.throws(
      () => openAdmin({ url }),
      (error: SheethookError) => error.code === "option_invalid" && /^url is /.test(error.message),
      url,
    );
  }
});

test("createAdmin() is used behind a proxy with https, by its URL", async () => {
  const { ask, put, inbox } = openAdmin({ url: `${OPS}/sheethook/`, token: TOKEN });
  const id = await put(deadOf("Error: no", "Error: no"));
  const headers = { "content-type": "application/x-www-form-urlencoded", host: "ops.example.com", origin: OPS };
  const signIn = (path: string, given: Record<string, string> = {}) =>
    ask(path, { method: "POST", headers: { ...headers, ...given }, body: `token=${encodeURIComponent(TOKEN)}` });

  const { status, headers: sent } = await signIn("/sheethook/console/sign-in");
  assert.deepEqual([status, sent.get("location")], [303, "/sheethook/console"]);
  const [cookie = "", ...flags] = sent.get("set-cookie")!.split("; ");
  assert.deepEqual(flags.sort(), ["HttpOnly", "Max-Age=43200", "Path=/sheethook/console", "SameSite=Strict", "Secure"]);

  // A proxy may take its part of the path away, or leave it; and pass the Host on, or not.
  for (const path of [`/console/callbacks/${id}`, `/sheethook/console/callbacks/${id}`, "/sheethook/console/"]) {
    for (const host of ["ops.example.com", "OPS.example.com.", "127.0.0.1:9464"]) {
      const page = await ask(path, { headers: { host, cookie } });
      assert.equal(page.status, 200, host + path);
      assert.doesNotMatch(page.text, / (href|src|action|formaction|data-live)="\/console/);
      assert.match(page.text, / href="\/sheethook\/console\/callbacks"/);
      assert.equal(page.headers.get("x-frame-options"), "DENY");
    }
  }
  const act = `/sheethook/console/callbacks/${id}/discard`;
  assert.equal(
    (await ask(act, { method: "POST", headers: { ...headers, cookie, origin: "https://evil.example" } })).status,
    403,
  );
  const done = await ask(act, { method: "POST", headers: { ...headers, cookie } });
  assert.deepEqual([done.status, done.headers.get("location")], [
    303,
    `/sheethook/console/callbacks/${id}?notice=discarded`,
  ]);
  assert.equal((await inbox.show(id))!.state, "discarded");

  // By a tunnel, past the proxy: no https there, and no cookie that wants it.
  const tunnel = await signIn("/console/sign-in", { host: "127.0.0.1:9464", origin: "http://127.0.0.1:9464" });
  assert.equal(tunnel.status, 303);
  assert.doesNotMatch(tunnel.headers.get("set-cookie")!, /Secure/);
});

test("createAdmin() takes the console's own URL for the proxy's", async () => {
  const { ask } = openAdmin({ url: `${OPS}/console`, token: TOKEN });
  const { text } = await ask("/console", { headers: { host: "ops.example.com" } });
  assert.match(text, / action="\/console\/sign-in"/);
});

test("createAdmin() compares origins by the protocol of the request", async () => {
  const { admin, put } = openAdmin();
  const post = async (url: string, origin: string) =>
    (await admin.fetch(new Request(url, { method: "POST", headers: { origin } }))).status;
  const path = `/console/callbacks/${await put(dead)}/replay`;
  assert.equal(await post(`https://localhost:9464${path}`, "http://localhost:9464"), 403);
  assert.equal(await post(`http://localhost:9464${path}`, "https://localhost:9464"), 403);
  assert.equal(await post(`https://localhost:9464${path}`, "https://localhost:9464"), 303);
});
