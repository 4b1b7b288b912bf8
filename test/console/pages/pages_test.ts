import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../support/until.ts";
import { acceptedCallback, rowEvent, SHEET_ID, WEBHOOK_ID } from "../../support/callbacks.ts";
import { openAdmin } from "../../support/admin_requests.ts";
import { dead, done, failed, filledInbox } from "../../support/filled_inbox.ts";

const MARKUP = '"><img src=x onerror=alert(1)><script>alert(2)</script>';

test("the overview says that nothing has come in, and what to do next", async () => {
  const { ask } = openAdmin({ callbackUrl: () => "http://127.0.0.1:8050/hook" });
  const { text } = await ask("/console");
  assert.match(text, /Nothing has come in yet/);
  assert.match(text, /<code>sheethook send http:\/\/127\.0\.0\.1:8050\/hook<\/code>/);
  assert.match((await ask("/console/callbacks")).text, /sheethook send http:\/\/127\.0\.0\.1:8050\/hook/);
  assert.match((await openAdmin().ask("/console")).text, /sheethook send &lt;callback URL&gt;/);
  assert.match(text, /SMARTSHEET_ACCESS_TOKEN/);
});

test("the overview tells the worst first: refusing, a disabled webhook, dead letters, held sheets", async () => {
  const webhook = {
    id: 77,
    name: MARKUP,
    status: "DISABLED_CALLBACK_FAILED",
    enabled: false,
    whatToDo: "Ask <its> owner: `sheethook webhooks enable`",
    sheetId: 4711,
  };
  let refusing: string | undefined;
  let webhooks: (typeof webhook)[] = [];
  const { ask, put } = openAdmin({ refusing: () => refusing, webhooks: () => webhooks });
  const health = async () => /health-text">([^<]*)</.exec((await ask("/console")).text)?.[1];
  await put(done);
  assert.equal(await health(), "Everything that came in has been processed");
  // What an overview was found to be counts for a moment.
  await put(failed);
  await until("the held sheet is told", async () => await health() === "1 sheet is held up by a callback that failed");
  await put(dead);
  await until("the dead letter is told", async () => await health() === "1 dead letter waits for your decision");
  refusing = "no secret is known";
  assert.equal(await health(), "Callbacks are refused");
  assert.match((await ask("/console")).text, /<strong>1 dead letter waits for your decision\.<\/strong> <a href/);
  refusing = undefined;

  webhooks = [webhook];
  const other = openAdmin({ webhooks: () => webhooks });
  const { text } = await other.ask("/console");
  assert.match(text, /1 webhook is disabled/);
  assert.match(text, /DISABLED_CALLBACK_FAILED/);
  assert.match(text, /<a class="id" href="\/console\/callbacks\?sheet=4711">4711<\/a>/);
  assert.match(text, /Ask &lt;its&gt; owner: <code>sheethook webhooks enable<\/code>/);
  assert.ok(!text.includes("<img"));

  webhooks = [{ ...webhook, status: "DISABLED_BY_OWNER" }];
  const switchedOff = await openAdmin({ webhooks: () => webhooks }).ask("/console");
  assert.match(switchedOff.text, /DISABLED_BY_OWNER/);
  assert.doesNotMatch(switchedOff.text, /webhook is disabled/);
});

test("the overview tells what came in as a plot, in words and as a table", async () => {
  const { ask, put } = openAdmin();
  await put(done);
  await put(done);
  await put(dead);
  const { text } = await ask("/console");
  assert.match(text, /role="img" aria-label="Last hour: 3 callbacks came in, 2 finished, 1 dead letter\."/);
  assert.match(text, /<td>3<\/td><td>2<\/td><td>1<\/td>/);
});

test("webhooks that can't be read leave the rest as it is", async () => {
  const { ask } = openAdmin({ webhooks: () => Promise.reject(new Error("429")) });
  const { status, text } = await ask("/console");
  assert.equal(status, 200);
  assert.match(text, /can't be reached/);
});

test("a callback's page tells attempts, steps, where it goes on, and who made the change", async () => {
  const { ask, put } = openAdmin({ changeAgent: "ours" });
  const id = await put(dead, {
    events: [
      rowEvent(1),
      rowEvent(2, { changeAgent: "crm, ours" }),
      rowEvent(3, { changeAgent: "crm%2Cours" }),
      rowEvent(4, { changeAgent: MARKUP }),
    ],
  });
  const { text } = await ask(`/console/callbacks/${id}`);
  assert.match(text, /Dead letter/);
  assert.match(text, /Given up after 1 attempt\./);
  assert.match(text, /event 1 of 4 \(row\.updated\), handler 2/);
  assert.match(text, /<code>order<\/code> <span class="faint">event 1, handler row\.\* placeOrder</);
  assert.match(text, /a person, in Smartsheet<\/li><li class="end">passed to the matching handlers/);
  assert.match(
    text,
    /<code>crm<\/code><\/li><li class="ours"><code>ours<\/code> this application<\/li><li class="end stopped">own change/,
  );
  assert.match(text, /2 events are own changes: no handler is called for them/);
  assert.ok(!text.includes("<img"));
});

test("a callback tells the trace that it belongs to, if it has one", async () => {
  const { ask, inbox, put } = openAdmin();
  const untraced = await put(done);
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  await inbox.put(acceptedCallback({ nonce: "traced", traceparent: `00-${traceId}-b7ad6b7169203331-01` }));
  const [traced] = await inbox.find({ states: ["pending"] });
  assert.match((await ask(`/console/callbacks/${traced}`)).text, new RegExp(`<dt>Trace</dt><dd>.*${traceId}`));
  assert.doesNotMatch((await ask(`/console/callbacks/${untraced}`)).text, /<dt>Trace/);
});

test("a callback's page shows no value and no e-mail address before it is asked for", async () => {
  const { ask, put } = openAdmin();
  const id = await put(dead, {
    events: [
      rowEvent(1, { objectType: "user", eventType: "seatType.updated", email: "joe@example.com", note: MARKUP }),
    ],
  });
  const hidden = await ask(`/console/callbacks/${id}`);
  assert.doesNotMatch(hidden.text, /joe@|jane@|onerror|<script>alert/);
  assert.match(hidden.text, /The ERP answered 500 for •••@•••/);
  const list = await ask("/console/callbacks");
  assert.doesNotMatch(list.text, /joe@|jane@|onerror|<script>alert/);

  const shown = await ask(`/console/callbacks/${id}?payload=show`);
  assert.match(shown.text, /joe@example\.com/);
  assert.match(shown.text, /&lt;img src=x onerror=alert\(1\)&gt;/);
  assert.ok(!shown.text.includes("<img") && !shown.text.includes("<script>alert"));
  const whole = await ask(`/console/callbacks/${id}/payload.json`);
  assert.equal(whole.headers.get("content-disposition"), `attachment; filename="callback-${id}.json"`);
  assert.equal(JSON.parse(whole.text).events[0].email, "joe@example.com");
});

test("a status callback, and a body that isn't one, have pages", async () => {
  const { ask, put, inbox } = openAdmin();
  const id = await put(done, { events: undefined, newWebhookStatus: `DISABLED ${MARKUP}` });
  const { text } = await ask(`/console/callbacks/${id}`);
  assert.match(text, /The webhook is now <code>DISABLED &quot;&gt;&lt;img/);
  await inbox.put({
    ...{ webhookId: 1, nonce: MARKUP, timestamp: MARKUP, scopeObjectId: 1 },
    ...{ body: MARKUP, digest: "d", acceptedAt: Date.now() },
  });
  const broken = await ask(`/console/callbacks/${id + 1}?payload=show`);
  assert.equal(broken.status, 200);
  assert.ok(!broken.text.includes("<img"));
  assert.equal((await ask("/console/callbacks")).status, 200);
});

test("the list filters by state, sheet, webhook and time, and says what it can't understand", async () => {
  const { ask, put } = openAdmin();
  const ids = [await put(dead, { scopeObjectId: SHEET_ID }), await put(done, { webhookId: 5 }), await put()];
  const listed = async (query: string) => {
    const { text } = await ask(`/console/callbacks?${query}`);
    return ids.filter((id) => text.includes(`/console/callbacks/${id}"`));
  };
  const [first, second, third] = ids;
  assert.deepEqual(await listed(""), ids);
  assert.deepEqual(await listed("state=dead"), [first]);
  assert.deepEqual(await listed("state=dead&state=done"), [first, second]);
  assert.deepEqual(await listed(`sheet=${SHEET_ID}`), [first]);
  assert.deepEqual(await listed(`webhook=${WEBHOOK_ID}`), [first, third]);
  assert.deepEqual(await listed("since=2999-01-01T00:00"), []);
  assert.deepEqual(await listed("until=2020-01-01"), []);
  assert.deepEqual(await listed("since=2020-01-01T00:00&until=2999-01-01T00:00"), ids);
  const { text } = await ask(`/console/callbacks?sheet=${encodeURIComponent(MARKUP)}&since=soon`);
  assert.equal(text.match(/aria-invalid="true"/g)?.length, 2);
  assert.ok(!text.includes("<img"));
});

test("the list has pages of 50, newest first", async () => {
  const { ask, put } = openAdmin();
  for (let count = 0; count < 51; count++) await put(undefined, { scopeObjectId: 1 });
  const first = (await ask("/console/callbacks?sheet=1")).text;
  assert.ok(first.includes('/callbacks/51"') && !first.includes('/callbacks/1"'));
  assert.match(first, /rel="next" href="\/console\/callbacks\?sheet=1&amp;page=2"/);
  const second = (await ask("/console/callbacks?sheet=1&page=2")).text;
  assert.ok(second.includes('/callbacks/1"') && !second.includes('/callbacks/2"'));
  assert.doesNotMatch(second, /rel="next"/);
  assert.match(second, /rel="prev" href="\/console\/callbacks\?sheet=1"/);
  assert.match((await ask("/console/callbacks?page=3")).text, /There are no more callbacks/);
});

test("a callback's page tells times as logs do, steps by their names, and the whole of an error on demand", async () => {
  const { ask, put } = openAdmin();
  const { text } = await ask(`/console/callbacks/${await put(dead)}`);
  assert.match(text, /Received<\/dt><dd><time [^>]*>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC<\/time>/);
  assert.match(text, /<details id="attempt-0"><summary>Error: The ERP answered 500 for •••@•••<\/summary><pre/);
});

test("a callback's page shows an error's message, its stack and causes on demand, and once when it repeats", async () => {
  const filled = filledInbox();
  const id = await filled.put(dead);
  const first =
    "TypeError: fetch failed\n    at ship (orders.ts:7:9)\nCaused by: Error: connect ECONNREFUSED erp@example.com";
  const failure = (attempt: number, error: string) => ({
    ...{ attempt, beganAt: 0, endedAt: 5, error },
    call: { event: 0, handler: 0, fingerprint: "f" },
  });
  const { ask } = openAdmin({
    inbox: {
      ...filled.inbox,
      show: async (number) => ({
        ...(await filled.inbox.show(number))!,
        error: first,
        failures: [failure(1, first), failure(2, "Error: no"), failure(3, first), failure(4, first)],
      }),
    },
  }, filled);
  const { text } = await ask(`/console/callbacks/${id}`);
  assert.match(
    text,
    /<p class="error-message">TypeError: fetch failed<\/p>\s*<details id="stack"><summary>Stack and causes/,
  );
  assert.equal(
    text.match(/at ship \(orders\.ts:7:9\)\nCaused by: Error: connect ECONNREFUSED •••@•••<\/pre>/g)?.length,
    2,
  );
  assert.equal(text.match(/Same error as attempt 1</g)?.length, 2);
  assert.doesNotMatch(text, /erp@/);
  const list = (await ask("/console/callbacks")).text;
  assert.match(list, />TypeError: fetch failed</);
  assert.doesNotMatch(list, /ECONNREFUSED/);
});

test("a list of one state leaves the column of states out, and processed ones don't include discarded ones", async () => {
  const { ask, put, inbox } = openAdmin();
  for (const outcome of [done, done, dead, undefined]) await put(outcome);
  await inbox.discard([3]);
  const hasState = async (query: string) =>
    (await ask(`/console/callbacks?${query}`)).text.includes('data-name="State"');
  assert.deepEqual(
    await Promise.all(["", "state=done", "state=pending", "state=done&state=dead"].map(hasState)),
    [true, false, true, true],
  );
  assert.match((await ask("/console/callbacks")).text, /filter by one state/);
  const { text } = await ask("/console");
  assert.match(text, /Processed<\/span>\s*<span class="tile-value">2<\/span><span class="tile-note">and 1 discarded</);
});

test("a callback's page takes a list of change agents apart that was encoded in part", async () => {
  const { ask, put } = openAdmin({ changeAgent: "our sync" });
  const events = [rowEvent(1, { changeAgent: "crm,erp%252Cour+sync" })];
  const { text } = await ask(`/console/callbacks/${await put(done, { events })}`);
  assert.match(text, /<li><code>crm<\/code><\/li><li><code>erp<\/code><\/li><li class="ours"><code>our\+sync/);
});
