import assert from "node:assert/strict";
import { test } from "node:test";
import { rotatedSecrets } from "../../../src/cli/secrets/rotated_secrets.ts";

const rotation = { secret: "new", before: ["a", "b", "ended"], until: 2_000, now: 1_000 };

test("rotatedSecrets() gives the old ones their end, and drops what has ended", () => {
  const stored = [{ secret: "a" }, { secret: "b", until: 1_500 }, { secret: "c", until: 9_000 }, {
    secret: "ended",
    until: 1_000,
  }];
  assert.deepEqual(rotatedSecrets(stored, rotation), [
    { secret: "new" },
    { secret: "a", until: 2_000 },
    { secret: "b", until: 1_500 },
    { secret: "c", until: 9_000 },
  ]);
  assert.deepEqual(rotatedSecrets([], rotation), [{ secret: "new" }]);
});

test("rotatedSecrets() leaves one of a rotation at the same time without an end", () => {
  assert.deepEqual(rotatedSecrets([{ secret: "other" }, { secret: "a", until: 2_000 }], rotation), [
    { secret: "new" },
    { secret: "other" },
    { secret: "a", until: 2_000 },
  ]);
});

test("rotatedSecrets() keeps at most 10, the newest", () => {
  const stored = Array.from({ length: 10 }, (_, index) => ({ secret: `s${index}` }));
  const rotated = rotatedSecrets(stored, rotation);
  assert.deepEqual(rotated.map(({ secret }) => secret), ["new", ...stored.slice(0, 9).map(({ secret }) => secret)]);
});
