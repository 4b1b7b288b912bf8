import assert from "node:assert/strict";
import { test } from "node:test";
import { cmdLine } from "./run_command.ts";

test("a command for cmd.exe keeps its words apart", () => {
  assert.equal(
    cmdLine(["deno", "test", "--junit-path=C:\\a\\b.xml", "./test/a_test.ts"]),
    "deno test --junit-path=C:\\a\\b.xml ./test/a_test.ts",
  );
  assert.equal(cmdLine(["node", "-e", 'f("a b") & 1', ""]), 'node -e "f(\\"a b\\") & 1" ""');
});
