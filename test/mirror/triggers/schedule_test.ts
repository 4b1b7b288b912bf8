import assert from "node:assert/strict";
import { test } from "node:test";
import { createSchedule } from "../../../src/mirror/triggers/schedule.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SHEETS = Array.from({ length: 60 }, (_, index) => 4509506114742148 + 4 * index);

/** Two processes with the same sheets. @returns the keys that each asked for, by sheet */
async function run(hours: number, startsAt: readonly number[]): Promise<Map<number, string[]>[]> {
  const clock = { now: Date.parse("2026-11-29T08:00:00Z") };
  const began = clock.now;
  const asked = startsAt.map(() => new Map<number, string[]>());
  const schedules = asked.map((own) =>
    createSchedule({
      everyMs: HOUR_MS,
      now: () => clock.now,
      async reconcile({ sheetId, reason, key }) {
        assert.equal(reason, "scheduled");
        own.set(sheetId, [...own.get(sheetId) ?? [], key]);
        return await Promise.resolve("stored");
      },
    })
  );
  for (; clock.now < began + hours * HOUR_MS; clock.now += MINUTE_MS) {
    for (const [index, schedule] of schedules.entries()) {
      if (clock.now - began >= startsAt[index]!) await schedule.tick(SHEETS, new AbortController().signal);
    }
  }
  return asked;
}

test("each sheet is compared once a period, at its own time, under the same key in each process", async () => {
  const [first, second] = await run(5, [0, 90 * MINUTE_MS]);
  for (const sheetId of SHEETS) {
    const keys = first!.get(sheetId)!;
    assert.equal(new Set(keys).size, keys.length);
    assert.ok(keys.length === 4 || keys.length === 5, `${keys.length}`);
    assert.deepEqual(second!.get(sheetId), keys.slice(-second!.get(sheetId)!.length));
  }
  const minutes = SHEETS.map((sheetId) => Math.floor(Date.parse(first!.get(sheetId)![0]!) / MINUTE_MS) % 60);
  const byQuarter = Map.groupBy(minutes, (minute) => Math.floor(minute / 15));
  for (let quarter = 0; quarter < 4; quarter++) assert.ok(byQuarter.get(quarter)!.length >= 8, minutes.join());
});

test("what couldn't be stored is asked for again", async () => {
  const clock = { now: 0 };
  let isAway = true;
  const keys: string[] = [];
  const schedule = createSchedule({
    everyMs: HOUR_MS,
    now: () => clock.now,
    async reconcile({ key }) {
      if (isAway) throw new Error("away");
      keys.push(key);
      return await Promise.resolve("stored");
    },
  });
  const { signal } = new AbortController();
  clock.now = await schedule.tick([7], signal);
  await assert.rejects(schedule.tick([7], signal), /away/);
  isAway = false;
  const next = await schedule.tick([7], signal);
  assert.deepEqual([keys, next - clock.now], [[new Date(clock.now).toISOString()], HOUR_MS]);
});
