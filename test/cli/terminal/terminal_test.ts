import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { listText } from "../../../src/cli/inbox/list.ts";
import { error, findingText } from "../../../src/cli/doctor/finding.ts";
import { createPaint } from "../../../src/cli/terminal/paint.ts";
import { type Column, tableText, wrapText } from "../../../src/cli/terminal/table.ts";
import { runCli, withServe } from "../../support/run_cli.ts";

const plain = (_: unknown, text: string) => text;

test("tableText() cuts nothing where there is no terminal, and fits one that is narrow", () => {
  const columns: Column[] = [{ name: "id" }, { name: "sheet", narrow: "optional" }, { name: "error", narrow: "below" }];
  const rows = [["1", "4509506114742148", "Error: no such row"], ["22", "5", ""]];
  const text = (width?: number) => tableText(columns, rows, { width, paint: plain });
  assert.equal(text(), "id  sheet             error\n1   4509506114742148  Error: no such row\n22  5");
  assert.equal(text(40), text());
  assert.equal(text(39), "id  sheet\n1   4509506114742148\n  Error: no such row\n22  5");
  assert.equal(text(15), "id\n1\n  Error: no su…\n22");
});

test("`inbox list` fits 80 columns, with its errors, and keeps its ids whole", () => {
  const sheet = "4509506114742148";
  const rows = [
    [
      "123456",
      "discarded",
      "2026-01-31T08:00:00Z",
      sheet,
      "2674017481058180",
      "15",
      "6000",
      `Error: ${"x".repeat(150)}`,
    ],
  ];
  const lines = listText(rows, { width: 80, paint: plain }).split("\n");
  assert.equal(lines.length, 3);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.match(lines[1]!, /^123456 {2}discarded {2}2026-01-31T08:00:00Z {2}4509506114742148 {2}15 {8}6000$/);
});

test("doctor's lines are wrapped at the width of a terminal, and are one line elsewhere", () => {
  const finding = error("port", "Smartsheet doesn't call port 9000", "serve on one of 443, 8000, 8008, 8080, 8443");
  assert.doesNotMatch(findingText(finding), /\n/);
  const lines = findingText(finding, { width: 60 }).split("\n");
  assert.equal(lines.length, 3);
  for (const line of lines) assert.ok(line.length <= 60, line);
  for (const line of lines.slice(1)) assert.match(line, /^ {25}\S/);
  assert.equal(wrapText("a bb ccc", 4, 1), "a bb\n ccc");
  assert.equal(wrapText("incomprehensibilities", 4), "incomprehensibilities");
});

test("colours are for a terminal, unless NO_COLOR is set, and elsewhere if FORCE_COLOR asks for them", () => {
  const { FORCE_COLOR, NO_COLOR } = process.env;
  const paintedWith = (isTTY: boolean, env: { readonly FORCE_COLOR?: string; readonly NO_COLOR?: string }) => {
    for (const name of ["FORCE_COLOR", "NO_COLOR"] as const) set(name, env[name]);
    return createPaint({ isTTY })("red", "x") !== "x";
  };
  try {
    assert.deepEqual([paintedWith(true, {}), paintedWith(false, {})], [true, false]);
    assert.deepEqual([paintedWith(true, { NO_COLOR: "1" }), paintedWith(true, { NO_COLOR: "" })], [false, true]);
    assert.equal(paintedWith(false, { FORCE_COLOR: "1", NO_COLOR: "1" }), true);
    assert.equal(paintedWith(true, { FORCE_COLOR: "0" }), false);
  } finally {
    set("FORCE_COLOR", FORCE_COLOR);
    set("NO_COLOR", NO_COLOR);
  }
});

function set(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

test("errors and the levels of serve's log have colours", async () => {
  const stderrOf = async (env: Record<string, string>) => (await runCli(["recieve"], { env })).stderr;
  const coloured = await stderrOf({ FORCE_COLOR: "1" });
  assert.ok(coloured.startsWith("\x1b[31msheethook:\x1b[39m unknown command"), coloured);
  // Node says more, if NO_COLOR is set as well.
  assert.ok(stripVTControlCharacters(coloured).startsWith(await stderrOf({})), coloured);
  const options = { env: { FORCE_COLOR: "1", SHEETHOOK_SECRETS_FILE: "/nonexistent" }, reads: ["/nonexistent"] };
  await withServe([], options, async (serve) => {
    await serve.waitFor(/no secret is known/);
    assert.ok(serve.output.includes("\x1b[33mwarning\x1b[39m no secret is known"), serve.output);
  });
});
