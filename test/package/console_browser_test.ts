import chromium from "@sparticuz/chromium";
import axe from "axe-core";
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { type Browser, chromium as launcher, type Page } from "playwright-core";
import { type AdminOptions, createAdmin } from "../../src/console/admin.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { createReceiver } from "../../src/receiver.ts";
import { serve } from "../../src/serve/node.ts";
import { mirrorSheet } from "../support/mirrored_sheet.ts";
import { until } from "../support/until.ts";
import { callbackBody, createLog, rowEvent, SECRET, SHEET_ID, signedRequest } from "../support/callbacks.ts";

const TOKEN = "a token of 16 or more";
const MARKUP = '"><img src=x onerror=window.owned=1><script>window.owned=1</script>';
const WEBHOOKS = [
  { id: 2674017481058180, name: "sheethook", sheetId: SHEET_ID, status: "ENABLED", enabled: true, since: 0 },
  {
    id: 2674017481058999,
    name: "Stock, for those who will order again",
    status: "DISABLED_EXCEEDED_GRID_LIMITS",
    enabled: false,
    whatToDo: "Shrink the sheet to 20,000 rows, then enable the webhook again",
  },
];
const PHONE = { width: 390, height: 844 };

// Chromium unpacks itself into the folder for temporary files, where another user's may be in the way.
const folder = await mkdtemp(join(tmpdir(), "sheethook-chromium-"));
process.env.TMPDIR = folder;
let browser: Browser;

before(async () => {
  // Not chromium.args: they turn off the very same-origin policy that is tested here.
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  browser = await launcher.launch({ executablePath: await chromium.executablePath(), args });
});
after(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

/** A receiver whose handler fails while it is told to, its admin port on loopback, and a page. */
async function open(
  options: Pick<AdminOptions, "token" | "webhooks"> & { context?: Parameters<Browser["newContext"]>[0] } = {},
) {
  const { token, webhooks } = options;
  const inbox = memoryInbox();
  const log = createLog();
  const admin = createAdmin({ inbox, token, webhooks, changeAgent: "ours", logger: log });
  const receiver = createReceiver({ secrets: SECRET, inbox, attempts: 1, logger: log, observer: admin.observer });
  const broken = { isBroken: false };
  receiver.on("row.*", () => {
    if (broken.isBroken) throw new Error(`The ERP is down. ${MARKUP}`);
  });
  await receiver.start();
  const server = await serve({ fetch: admin.fetch, path: "*", port: 0, hostname: "127.0.0.1", logger: log });
  const context = await browser.newContext(options.context);
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
  let last = 0;
  return {
    ...{ inbox, page, context, broken, troubles },
    url: server.url,
    async send(attributes: Record<string, unknown> = {}) {
      const body = callbackBody({ nonce: `nonce ${++last}`, events: [rowEvent(last)], ...attributes });
      assert.equal((await receiver.fetch(await signedRequest(body))).status, 200);
    },
    async close() {
      await context.close();
      admin.close();
      await receiver.stop();
      await server.stop();
    },
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

async function withConsole(options: Parameters<typeof open>[0], use: (opened: Opened) => Promise<void>): Promise<void> {
  const opened = await open(options);
  try {
    await use(opened);
  } finally {
    await opened.close();
  }
}

/** Resolves when the page shows a text; the test's time limit is its end. */
function shows(page: Page, text: string | RegExp): Promise<void> {
  return page.getByText(text).first().waitFor();
}

async function seriousTroubles(page: Page): Promise<string[]> {
  // Not by a script element: the page's policy wouldn't let it run.
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  assert.ok(passes.length > 5, "axe found nothing to look at");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

describe("the console in a browser", () => {
  it("shows a callback that arrives, a dead letter and why; replayed, it is gone", async () => {
    await withConsole({}, async ({ url, page, send, broken, troubles }) => {
      await page.goto(`${url}/console`);
      await shows(page, "Nothing has come in yet");
      await page.locator("#live-state", { hasText: "Live" }).waitFor();
      await send();
      await shows(page, "Everything that came in has been processed");

      broken.isBroken = true;
      await send();
      await shows(page, "1 dead letter waits for your decision");
      await page.getByRole("link", { name: "#2" }).click();
      await page.getByRole("heading", { name: "Callback #2 Dead letter" }).waitFor();
      await shows(page, /Error: The ERP is down\./);
      await shows(page, "1 call has used up the attempts");
      await page.getByRole("link", { name: "Replay all…" }).click();
      await page.getByRole("heading", { name: "Replay 1 dead call of callback #2?" }).waitFor();
      broken.isBroken = false;
      await page.getByRole("button", { name: "Replay" }).click();
      await shows(page, "1 dead call was replayed");
      await page.getByRole("heading", { name: "Callback #2 Processed" }).waitFor();
      await page.getByRole("link", { name: "Overview" }).click();
      await shows(page, "Everything that came in has been processed");
      assert.equal(await page.getByText("Dead letter", { exact: true }).count(), 0);
      assert.deepEqual(troubles, []);
    });
  });

  it("keeps what one has opened and where one is, when something arrives", async () => {
    await withConsole({}, async ({ url, page, send }) => {
      await send();
      await page.goto(`${url}/console`);
      await page.getByText("As a table").first().click();
      await page.getByText("As a table").first().focus();
      await send();
      await page.locator(".tile", { hasText: "Processed" }).getByText("2", { exact: true }).waitFor();
      const isOpen = await page.evaluate("document.querySelector('details').open");
      const isFocused = await page.evaluate("document.activeElement === document.querySelector('details summary')");
      assert.deepEqual({ isOpen, isFocused }, { isOpen: true, isFocused: true });
    });
  });

  it("keeps the dead calls that one has picked, when something changes, and skips these", async () => {
    await withConsole({}, async ({ url, page, send, broken, inbox, troubles }) => {
      broken.isBroken = true;
      await send({ events: [rowEvent(1), rowEvent(2), rowEvent(3)] });
      await until("the callback is a dead letter", async () => (await inbox.show(1))!.state === "dead");
      await page.goto(`${url}/console/callbacks/1`);
      await page.locator("#live-state", { hasText: "Live" }).waitFor();
      await page.getByLabel("Pick call 2").check();
      await inbox.skip([1], { calls: [3] });
      await shows(page, "2 dead calls; 1 skipped");
      assert.equal(await page.getByLabel("Pick call 2").isChecked(), true);
      assert.equal(await page.evaluate("document.activeElement.value"), "2");
      await page.getByRole("button", { name: "Skip those picked…" }).click();
      await page.getByRole("heading", { name: "Skip 1 dead call of callback #1?" }).waitFor();
      await page.getByRole("button", { name: "Skip" }).click();
      await shows(page, "1 dead call was skipped.");
      assert.deepEqual((await inbox.show(1))!.deadCalls.map(({ state }) => state), ["dead", "skipped", "skipped"]);
      assert.deepEqual(troubles, []);
    });
  });

  it("shows times as the reader has them", async () => {
    await withConsole({ context: { timezoneId: "Asia/Tokyo", locale: "en-GB" } }, async (opened) => {
      const { url, page, send, broken, inbox } = opened;
      broken.isBroken = true;
      await send();
      await until("the callback is a dead letter", async () => (await inbox.show(1))!.state === "dead");
      await page.goto(`${url}/console/callbacks/1`);
      const received = page.locator("#details time").first();
      assert.match(await received.innerText(), /GMT\+9$/);
      assert.match(await received.getAttribute("title") ?? "", / UTC\)$/);
      await page.goto(`${url}/console`);
      assert.doesNotMatch(await page.locator(".axis").first().innerText(), /UTC/);
    });
  });

  it("ends the session of every tab when one signs out", async () => {
    await withConsole({ token: TOKEN }, async ({ url, page, context, send }) => {
      await page.goto(`${url}/console`);
      await page.getByLabel("Token").fill(TOKEN);
      await page.keyboard.press("Enter");
      await page.locator("#live-state", { hasText: "Live" }).waitFor();
      const other = await context.newPage();
      await other.goto(`${url}/console`);
      await other.getByRole("button", { name: "Sign out" }).click();
      await other.getByRole("heading", { name: "Sign in" }).waitFor();
      await send();
      await page.bringToFront();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
    });
  });

  it("leaves markup of a payload, an error and a change agent text", async () => {
    await withConsole({}, async ({ url, page, send, broken, troubles }) => {
      broken.isBroken = true;
      await send({
        events: [rowEvent(1, { note: MARKUP, changeAgent: MARKUP, objectType: "row", eventType: MARKUP })],
      });
      await page.goto(`${url}/console/callbacks`);
      await page.getByRole("link", { name: "#1" }).click();
      await page.getByRole("link", { name: "Show payload" }).click();
      await page.getByRole("region", { name: "Payload" }).getByText("window.owned=1").waitFor();
      assert.equal(await page.evaluate(() => "owned" in globalThis), false);
      assert.equal(await page.locator("main img").count(), 0);
      assert.deepEqual(troubles, []);
    });
  });

  it("can be used by keyboard alone", async () => {
    await withConsole({}, async ({ url, page, send, broken }) => {
      broken.isBroken = true;
      await send();
      await page.goto(`${url}/console`);
      await page.keyboard.press("Tab");
      assert.equal(await focusedText(page), "Skip to content");
      await page.keyboard.press("Enter");
      await tabTo(page, "#1");
      await page.keyboard.press("Enter");
      await page.waitForURL(/callbacks\/1$/);
      await tabTo(page, "Discard…");
      await page.keyboard.press("Enter");
      await page.waitForURL(/discard$/);
      await tabTo(page, "Discard");
      await page.keyboard.press("Enter");
      await shows(page, "It was discarded");
      await page.getByRole("heading", { name: "Callback #1 Discarded" }).waitFor();
    });
  });

  it("works without a script", async () => {
    await withConsole({ context: { javaScriptEnabled: false } }, async ({ url, page, send, broken, inbox }) => {
      broken.isBroken = true;
      await send({ events: [rowEvent(1), rowEvent(2), rowEvent(3)] });
      await until("the callback is a dead letter", async () => (await inbox.show(1))!.state === "dead");
      await page.goto(`${url}/console`);
      await page.getByRole("link", { name: "#1" }).click();
      await page.getByLabel("Pick call 1").check();
      await page.getByLabel("Pick call 3").check();
      await page.getByRole("button", { name: "Skip those picked…" }).click();
      await page.getByRole("button", { name: "Skip" }).click();
      await shows(page, "2 dead calls were skipped.");
      await page.getByRole("link", { name: "Discard…" }).click();
      await page.getByRole("button", { name: "Discard" }).click();
      await shows(page, "It was discarded");
    });
  });

  it("asks who comes from elsewhere for the token, and lets in who knows it", async () => {
    await withConsole({ token: TOKEN }, async ({ url, page, context }) => {
      await page.goto(`${url}/console/callbacks?state=dead`);
      await page.getByLabel("Token").fill("something else entirely");
      await page.getByRole("button", { name: "Sign in" }).click();
      await shows(page, "This isn't the token.");
      await page.getByLabel("Token").fill(TOKEN);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Callbacks" }).waitFor();
      assert.equal(page.url(), `${url}/console/callbacks?state=dead`);
      const [cookie] = await context.cookies();
      assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, cookie?.path], [true, "Strict", "/console"]);
      await page.locator("#live-state", { hasText: "Live" }).waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
    });
  });

  it("lets no page of another origin act, frame it or read it", async () => {
    await withConsole({}, async ({ url, page, send, broken, inbox }) => {
      broken.isBroken = true;
      await send();
      await until("the callback is a dead letter", async () => (await inbox.show(1))!.state === "dead");
      const act = `${url}/console/callbacks/1/discard`;
      const stranger = createServer((_request, response) => {
        response.setHeader("content-type", "text/html");
        response.end(
          `<form method="post" action="${act}"><button>Win</button></form><iframe src="${url}/console"></iframe>`,
        );
      });
      await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
      try {
        const { port } = stranger.address() as AddressInfo;
        await page.goto(`http://localhost:${port}/`);
        assert.equal(await page.frames()[1]?.locator("h1").count().catch(() => 0), 0);
        const read = await page.evaluate(async (act) => {
          const answers = [fetch(act, { method: "POST", mode: "no-cors" }), fetch(act.replace(/\/callbacks.*/, ""))];
          const results = await Promise.allSettled(answers);
          return results.map((result) => result.status === "fulfilled" ? result.value.type : "refused");
        }, act);
        assert.ok(read.every((type) => type === "opaque" || type === "refused"), String(read));
        const [answer] = await Promise.all([
          page.waitForResponse((response) => response.url() === act && response.request().isNavigationRequest()),
          page.getByRole("button", { name: "Win" }).click(),
        ]);
        assert.equal(answer.status(), 403);
        assert.equal((await inbox.show(1))!.state, "dead");
      } finally {
        stranger.close();
        stranger.closeAllConnections();
      }
    });
  });
});

describe("the console's pages", () => {
  const variants: Record<string, Parameters<Browser["newContext"]>[0]> = {
    light: { colorScheme: "light" },
    dark: { colorScheme: "dark" },
    "on a tablet": { viewport: { width: 1000, height: 800 } },
    "on a phone": { viewport: PHONE },
    "at 200 %": { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 },
    "at 400 %": { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 },
  };
  for (const [name, context] of Object.entries(variants)) {
    it(`have nothing serious for axe, and don't scroll sideways: ${name}`, async () => {
      await withConsole({ token: TOKEN, context, webhooks: () => WEBHOOKS }, async (opened) => {
        const { page } = opened;
        for (const path of await fill(opened)) {
          await page.goto(opened.url + path);
          assert.deepEqual(await seriousTroubles(page), [], path);
          const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
          assert.ok(overflow <= 0, `${path} is ${overflow} px too wide`);
          if (path === "/console/sign-in") await signIn(page);
        }
      });
    });
  }

  /** Something of everything. @returns the paths of all pages, the one to sign in on first */
  async function fill({ send, broken, inbox }: Opened): Promise<string[]> {
    await send({ events: null, newWebhookStatus: "DISABLED_SCOPE_INACCESSIBLE" });
    await send({
      scopeObjectId: 5,
      events: Array.from({ length: 30 }, (_, id) => rowEvent(id + 1, { changeAgent: "crm,ours" })),
    });
    broken.isBroken = true;
    await send({ scopeObjectId: 6 });
    await send({ scopeObjectId: 7, events: [rowEvent(1, { eventType: "typeThatNobodyKnows".repeat(5) })] });
    await send({ scopeObjectId: 8, events: Array.from({ length: 120 }, (_, id) => rowEvent(id + 1)) });
    await until("nothing is pending", async () => !(await inbox.overview()).pending);
    await inbox.skip([5], { calls: [1, 2, 3] });
    await inbox.skip([4]);
    await mirrorSheet(inbox);
    const { show } = inbox;
    // A call of onChange has the longest name.
    const call = { event: "row/1464541636124614", handler: 11, fingerprint: "f" } as const;
    Object.assign(inbox, {
      show: async (id: number) => {
        const row = await show(id);
        return row && { ...row, failures: row.failures.map((failure) => ({ ...failure, call })) };
      },
    });
    return [
      "/console/sign-in",
      "/console",
      "/console/callbacks",
      "/console/callbacks?state=dead&sheet=x",
      "/console/callbacks?sheet=1",
      "/console/callbacks/1",
      "/console/callbacks/2?payload=show",
      "/console/callbacks/3",
      "/console/callbacks/3/replay",
      "/console/callbacks/3/discard",
      "/console/callbacks/4",
      "/console/callbacks/5",
      "/console/callbacks/5/skip",
      "/console/callbacks/5/replay?call=9",
      "/console/discard?state=dead",
      "/console/skip?state=dead",
      "/console/callbacks?state=dead&error=none",
      "/console/callbacks/99",
      "/console/sheets",
    ];
  }

  async function signIn(page: Page): Promise<void> {
    await page.getByLabel("Token").fill(TOKEN);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/console$/);
  }
});

async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    if (await focusedText(page) === text) return;
  }
  assert.fail(`Tab doesn't come to "${text}"`);
}

function focusedText(page: Page): Promise<string | undefined> {
  return page.evaluate("document.activeElement?.textContent?.trim()");
}
