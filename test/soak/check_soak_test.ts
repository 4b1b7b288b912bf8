import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSoak, type SoakRow, type SoakVerdict } from "./check_soak.ts";
import type { Kind } from "./handlers.ts";
import type { Sent } from "./load.ts";
import type { SoakLine } from "./record.ts";

// A checker that finds nothing proves nothing: here is what it must find.

const row = (number: number, attributes: Partial<SoakRow> = {}): SoakRow => ({
  number,
  place: number,
  lane: 1,
  state: "done",
  error: null,
  deadEvents: [],
  ...attributes,
});

function check(
  lines: readonly string[],
  rows: readonly SoakRow[] = [row(1), row(2)],
  attributes: Partial<Sent> = {},
): SoakVerdict {
  const sent = new Map<number, Sent>();
  for (const number of [1, 2]) {
    sent.set(number, {
      number,
      lane: 1,
      events: 1,
      kind: "plain" as Kind,
      sentAt: number * 10,
      answeredAt: number * 10 + 5,
      ...attributes,
    });
  }
  return checkSoak(rows, lines.map(lineOf), sent);
}

/** `begin 1 by 7` is of event 0, `begin 1.1 by 7` of event 1, `begin 1 by 7 at 2` at its second attempt; `killed 7`. */
function lineOf(text: string): SoakLine {
  const [what, first, , pid, , attempt, late] = text.split(" ");
  if (what === "away" || what === "back") return { what };
  if (what === "killed" || what === "stopped" || what === "frozen") return { what, pid: Number(first) };
  const [number, event = 0] = first!.split(".").map(Number);
  const at = attempt && { attempt: Number(attempt), late: late === "late" };
  return { what, pid: Number(pid), number, event, name: "s", ...at } as SoakLine;
}

function finds(verdict: SoakVerdict, pattern: RegExp): void {
  assert.match(verdict.violations.join("\n"), pattern);
}

const WORKED = ["begin 1 by 7", "end 1 by 7", "begin 2 by 7", "end 2 by 7"];

test("checkSoak() finds nothing where all is well", () => {
  assert.deepEqual(check(WORKED), {
    violations: [],
    stored: 2,
    answered: 2,
    lost: 0,
    worked: 2,
    repeated: 0,
    dead: 0,
    wornOut: 0,
    orderViolations: 0,
    overlaps: 0,
    zombies: 0,
  });
});

test("checkSoak() lets a kill repeat a callback until the next one has begun", () => {
  const verdict = check(["begin 1 by 7", "end 1 by 7", "killed 7", ...WORKED.map((line) => line.replace("7", "8"))]);
  assert.deepEqual([verdict.violations, verdict.repeated], [[], 1]);
  finds(check([...WORKED, "killed 7", "begin 1 by 8", "end 1 by 8"]), /callback 1 begins behind a later one/);
  finds(check(["begin 1 by 7", "end 1 by 7", "begin 1 by 7"]), /event 0 of callback 1 had ended, and runs again/);
  finds(check(["begin 1 by 7", "end 1 by 7", "stopped 7", "begin 1 by 8"]), /had ended, and runs again/);
});

test("checkSoak() lets what was ended run again if the database was away until its process was stopped", () => {
  const again = WORKED.map((line) => line.replace("7", "8"));
  for (
    const lines of [
      ["begin 1 by 7", "end 1 by 7", "away", "stopped 7", "back"],
      ["begin 1 by 7", "away", "end 1 by 7", "stopped 7", "back"],
      ["begin 1 by 7", "away", "end 1 by 7", "back", "stopped 7"],
    ]
  ) {
    const verdict = check([...lines, ...again]);
    assert.deepEqual([verdict.violations, verdict.repeated], [[], 1], lines.join());
  }
  for (
    const lines of [
      ["away", "back", "begin 1 by 7", "end 1 by 7", "stopped 7"],
      ["begin 1 by 7", "end 1 by 7", "stopped 7", "away", "back"],
      ["begin 1 by 7", "end 1 by 7", "away", "back"],
    ]
  ) {
    finds(check([...lines, ...again]), /event 0 of callback 1 had ended, and runs again/);
  }
});

test("checkSoak() takes what a killed process had begun for over, and what another has begun not", () => {
  assert.deepEqual(check(["begin 1 by 7", "killed 7", ...WORKED.map((line) => line.replace("7", "8"))]).violations, []);
  const verdict = check(["begin 1 by 7", "begin 1 by 8"]);
  assert.equal(verdict.overlaps, 1);
  finds(verdict, /callback 1 begins in process 8 while .*"pid":7.* runs/);
});

test("checkSoak() finds what runs out of order", () => {
  assert.ok(check(["begin 2 by 7", "end 2 by 7", "begin 1 by 7", "end 1 by 7"]).orderViolations > 0);
  finds(check(["begin 1 by 7", "fail 1 by 7", "begin 2 by 7"]), /callback 2 begins before 1 of its lane has ended/);
  finds(check(["begin 1.1 by 7"], undefined, { events: 2 }), /event 1 of callback 1 begins before/);
  const swapped = [row(1, { place: 2 }), row(2, { place: 1 })];
  finds(
    check(["begin 2 by 7", "end 2 by 7", "begin 1 by 7", "end 1 by 7"], swapped),
    /1 was answered before 2 was sent/,
  );
});

test("checkSoak() finds what is lost, twice there, never sent, or not worked", () => {
  const lost = check(WORKED.slice(0, 2), [row(1)]);
  assert.equal(lost.lost, 1);
  finds(lost, /callback 2 was answered 200, but is not in the inbox/);
  finds(check(WORKED, [row(1), row(2), row(2, { place: 3 })]), /callback 2 is stored twice/);
  finds(check(WORKED, [row(1), row(2), row(3)]), /callback 3 is stored, but was never sent/);
  finds(check(WORKED.slice(0, 2)), /callback 2 \(plain\) is done, but wasn't worked/);
  finds(check(WORKED.slice(0, 2), [row(1), row(2, { state: "pending" })]), /callback 2 \(plain\) is still pending/);
  finds(check(["begin 5 by 7"]), /callback 5 is worked, but not in the inbox/);
});

test("checkSoak() lets die what always fails, and what was always killed", () => {
  const dead = (error: string) => [row(1), row(2, { state: "dead", error, deadEvents: [0] })];
  const lines = [...WORKED.slice(0, 2), "begin 2 by 7", "fail 2 by 7"];
  finds(check(lines, dead("Error: now and then")), /callback 2 \(plain\) is dead: Error: now and then/);
  assert.deepEqual(check(lines, dead("Error: always"), { kind: "fails always" }).violations, []);
  const worn = check(
    lines,
    dead("Error: Attempt 6, the last one, never ended: its process was killed, or lost its lease"),
  );
  assert.deepEqual([worn.violations, worn.wornOut, worn.dead], [[], 1, 1]);
});

test("checkSoak() lets a callback go on behind a dead call, and finds what is missing then", () => {
  const letter = row(1, { state: "dead", error: "Error: always", deadEvents: [0] });
  const attributes = { kind: "fails always", events: 2 } as const;
  const lines = ["begin 1 by 7", "fail 1 by 7", "begin 1.1 by 7", "end 1.1 by 7"];
  assert.deepEqual(check(lines, [letter], { ...attributes, answeredAt: undefined }).violations, []);
  finds(check(lines.slice(0, 2), [letter], attributes), /callback 1 \(fails always\) is dead, but wasn't worked/);
  finds(check([...lines.slice(0, 2), "begin 2 by 7"], [letter, row(2)], attributes), /begins before 1 of its lane/);
});

test("checkSoak() knows that attempts are those at a call, and finds an attempt that was taken before another", () => {
  const lines = ["begin 1 by 7 at 2", "end 1 by 7 at 2", "begin 1.1 by 7 at 1", "killed 7", "begin 1.1 by 8 at 2"];
  const rest = [
    "end 1.1 by 8 at 2",
    "begin 2 by 8 at 1",
    "end 2 by 8 at 1",
    "begin 2.1 by 8 at 1",
    "end 2.1 by 8 at 1",
  ];
  assert.deepEqual(check([...lines, ...rest], undefined, { events: 2 }).violations, []);
  finds(check([...lines, "begin 1.1 by 9 at 1"], undefined, { events: 2 }), /in process 9: 8 had gone on with it/);
  finds(check([...lines, "begin 1 by 9 at 3"], undefined, { events: 2 }), /in process 9: 8 had gone on with it/);
});

test("checkSoak() finds a recorded step that runs again", () => {
  const lines = ["begin 1 by 7", "step 1 by 7", "killed 7", "begin 1 by 8", "step 1 by 8", "stepped 1 by 8"];
  const rest = ["end 1 by 8", "begin 2 by 8", "end 2 by 8"];
  assert.deepEqual(check([...lines, ...rest]).violations, []);
  finds(check([...lines, "killed 8", "begin 1 by 9", "step 1 by 9"]), /step "s" of event 0 of callback 1 was recorded/);
});

test("checkSoak() lets a frozen process end what it had begun, but not begin what another goes on with", () => {
  const taken = [
    "begin 1 by 7 at 1",
    "frozen 7",
    "begin 1 by 8 at 2",
    "end 1 by 8 at 2",
    "begin 2 by 8 at 1",
    "end 2 by 8 at 1",
  ];
  assert.deepEqual(check([...taken, "end 1 by 7 at 1"]).violations, []);
  assert.deepEqual(check([...taken, "begin 1.1 by 7 at 1 late", "step 1 by 7 at 1 late"]).violations, []);
  for (const line of ["begin 1.1 by 7 at 1", "step 1 by 7 at 1"]) {
    const verdict = check([...taken, line]);
    assert.deepEqual([verdict.zombies, verdict.orderViolations], [1, 0]);
    finds(verdict, /of callback 1 in process 7: 8 had gone on with it/);
  }
  // What nobody had taken yet may be recorded, or run again.
  const ended = ["begin 1 by 7 at 1", "frozen 7", "end 1 by 7 at 1"];
  assert.deepEqual(check([...ended, ...taken.slice(2)]).violations, []);
  finds(check([...taken.slice(0, 3), "begin 2 by 8 at 1"]), /callback 2 begins before 1 of its lane has ended/);
});
