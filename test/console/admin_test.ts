import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmin } from "../../src/console/admin.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { openAdmin, ORIGIN } from "../support/admin_requests.ts";
import { dead } from "../support/filled_inbox.ts";

test("createAdmin() answers 421 to a Host that isn't ours, on every path", async () => {
  const { ask } = openAdmin({ hostname: "10.1.2.3" });
  for (const path of ["/readyz", "/metrics", "/console", "/console/console.css", "/elsewhere"]) {
    for (
      const host of ["evil.example", "evil.example:9464", "localhost.evil.example", "127.0.0.1.nip.io", "10.1.2.4"]
    ) {
      const { status } = await ask(path, {}, `http://${host}`);
      assert.equal(status, 421, `${host}${path}`);
    }
  }
  for (
    const host of ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:9464", "[::1]:9464", "[::1]", "10.1.2.3:80"]
  ) {
    const { status } = await ask("/metrics", {}, `http://${host}`);
    assert.equal(status, 200, host);
  }
});

test("createAdmin() knows an admin host that is an IPv6 address", async () => {
  const { ask } = openAdmin({ hostname: "fd00::1" });
  assert.equal((await ask("/metrics", {}, "http://[fd00::1]:9464")).status, 200);
  assert.equal((await ask("/metrics", {}, "http://[fd00::2]:9464")).status, 421);
});

test("createAdmin() lets no page be framed, sniffed or kept, and no script of a page's own run", async () => {
  const { ask, put } = openAdmin();
  const id = await put(dead);
  const paths = ["/console", `/console/callbacks/${id}`, "/console/console.js", "/metrics", "/readyz", "/nowhere"];
  for (const path of paths) {
    const { headers } = await ask(path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none';.*frame-ancestors 'none'/, path);
    assert.doesNotMatch(policy, /unsafe|\*|data:|https?:/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("cache-control"), "no-store", path);
    assert.equal(headers.get("access-control-allow-origin"), null, path);
  }
});

test("createAdmin() has no inline script, style or handler in its pages", async () => {
  const { ask, put } = openAdmin();
  const id = await put(dead);
  for (
    const path of ["/console", "/console/callbacks", `/console/callbacks/${id}`, `/console/callbacks/${id}/replay`]
  ) {
    const { text } = await ask(path);
    assert.doesNotMatch(
      text,
      /<script(?! src="\/console\/console\.js")|<style|\sstyle=|\son[a-z]+=|javascript:/i,
      path,
    );
  }
});

test("createAdmin() gives other origins' pages nothing to embed, but follows their links", async () => {
  const { ask } = openAdmin();
  const status = async (site: string, mode: string, dest: string) => {
    const headers = { "sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest };
    return (await ask("/console/callbacks", { headers })).status;
  };
  assert.equal(await status("cross-site", "no-cors", "image"), 403);
  assert.equal(await status("same-site", "cors", "empty"), 403);
  assert.equal(await status("cross-site", "navigate", "iframe"), 403);
  assert.equal(await status("cross-site", "navigate", "document"), 200);
  assert.equal(await status("same-origin", "cors", "empty"), 200);
  assert.equal(await status("none", "navigate", "document"), 200);
});

test("createAdmin() refuses what would change something unless its own page asks", async () => {
  const { ask, put, inbox } = openAdmin();
  const id = await put(dead);
  const path = `/console/callbacks/${id}/discard`;
  const refused: Record<string, string>[] = [
    {},
    { origin: "http://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:9465" },
    { origin: "https://127.0.0.1:9464" },
    { origin: "http://localhost:9464" },
    { origin: ORIGIN, "sec-fetch-site": "cross-site" },
    { origin: ORIGIN, "sec-fetch-site": "same-site" },
  ];
  for (const headers of refused) {
    const { status } = await ask(path, { method: "POST", headers });
    assert.equal(status, 403, JSON.stringify(headers));
  }
  assert.equal((await inbox.show(id))!.state, "dead");
  const headers = { origin: ORIGIN, "sec-fetch-site": "same-origin" };
  assert.equal((await ask(path, { method: "POST", headers })).status, 303);
  assert.equal((await inbox.show(id))!.state, "discarded");
});

test("createAdmin() changes nothing on a GET", async () => {
  const { ask, put, inbox } = openAdmin();
  const id = await put(dead);
  for (const act of ["replay", "discard"]) {
    assert.equal((await ask(`/console/callbacks/${id}/${act}`)).status, 200);
    assert.equal((await ask(`/console/${act}?state=dead`)).status, 200);
  }
  assert.equal((await inbox.show(id))!.state, "dead");
});

test("createAdmin() leads from / to the console, and answers 404 elsewhere", async () => {
  const { ask } = openAdmin();
  const { status, headers } = await ask("/");
  assert.deepEqual([status, headers.get("location")], [302, "/console"]);
  for (const path of ["/healthz", "/webhook", "/console/nothing", "/console/callbacks/0", "/console/callbacks/99"]) {
    assert.equal((await ask(path)).status, 404, path);
  }
});

test("createAdmin() says that an inbox fails, in one line of the log, and gives nothing away", async () => {
  const { inbox, ask, log } = openAdmin();
  const failing = openAdmin({
    inbox: { ...inbox, overview: () => Promise.reject(new Error("disk I/O error in /secret/path")) },
  });
  const { status, text } = await failing.ask("/console");
  assert.equal(status, 503);
  assert.doesNotMatch(text, /secret/);
  assert.deepEqual(failing.log.lines, [
    "error The console can't answer GET /console: Error: disk I/O error in /secret/path",
  ]);
  assert.match((await failing.ask("/metrics")).text, /^sheethook_pending_callbacks nan$/im);
  assert.match((await ask("/metrics")).text, /^sheethook_pending_callbacks 0$/m);
  assert.deepEqual(log.lines, []);
});

test("createAdmin() refuses unknown options", () => {
  const options = { inbox: memoryInbox(), tokem: "0123456789abcdef" };
  assert.throws(() => createAdmin(options), /createAdmin\(\) has no option "tokem": did you mean token/);
});

test("createAdmin() answers also when the logger throws", async () => {
  const error = () => {
    throw new Error("the disk is full");
  };
  const inbox = { ...memoryInbox(), overview: () => Promise.reject(new Error("gone")) };
  const admin = createAdmin({ inbox, logger: { debug: error, info: error, warn: error, error } });
  assert.equal((await admin.fetch(new Request("http://localhost/console"))).status, 503);
});
