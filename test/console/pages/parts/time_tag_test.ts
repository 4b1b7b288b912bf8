import assert from "node:assert/strict";
import { test } from "node:test";
import { durationText, relativeTime, timeTag } from "../../../../src/console/pages/parts/time_tag.ts";
import { errorLine, withoutEmails } from "../../../../src/console/pages/without_emails.ts";

const NOW = Date.UTC(2026, 0, 31, 8);

test("relativeTime() tells how far a moment is, in steps that don't change all the time", () => {
  const expected: [number, string][] = [
    [0, "just now"],
    [9_000, "just now"],
    [15_000, "10 s ago"],
    [119_000, "1 min ago"],
    [3_600_000, "1 h ago"],
    [3_900_000, "1 h 5 min ago"],
    [80 * 3_600_000, "3 days ago"],
    [-5_000, "in a moment"],
    [-90_000, "in 1 min"],
  ];
  for (const [agoMs, text] of expected) assert.equal(relativeTime(NOW - agoMs, NOW), text);
  assert.equal(durationText(25), "25 ms");
  assert.equal(durationText(-1), "0 ms");
});

test("timeTag() holds the exact time", () => {
  assert.equal(
    timeTag(NOW - 60_000, NOW).toString(),
    '<time datetime="2026-01-31T07:59:00.000Z" title="2026-01-31 07:59:00 UTC">1 min ago</time>',
  );
});

test("withoutEmails() covers e-mail addresses wherever they stand", () => {
  const texts = ["jane.doe+x@mail.example.com", "<jane@example.com>", '"jane@example.com"', "to:jane@exämple.de, and"];
  for (const text of texts) assert.doesNotMatch(withoutEmails(text), /jane|ex.mple/, text);
  assert.equal(withoutEmails("a @ b, @home, x@y"), "a @ b, @home, x@y");
  assert.equal(errorLine("  one\x1b[2J\ttwo\nthree "), "one [2J two");
  assert.equal(errorLine("x".repeat(300)).length, 141);
});
