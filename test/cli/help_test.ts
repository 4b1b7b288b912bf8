import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "commander";
import { createProgram } from "../../src/cli/program.ts";

test("each page of help fits into 80 columns, and has no empty default and no pair of parentheses twice", () => {
  const pages = allOf(createProgram()).map((command) => {
    let page = "";
    command.configureOutput({ getOutHelpWidth: () => 80, writeOut: (text) => page += text }).outputHelp();
    return page;
  });
  assert.ok(pages.length > 30);
  const lines = pages.flatMap((page) => page.split("\n"));
  assert.deepEqual(lines.filter((line) => line.length > 80), []);
  assert.deepEqual(pages.flatMap((page) => page.match(/default: \[\]|\(default: [^)]*\)\s+\(env/g) ?? []), []);
});

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap((each) => allOf(each))];
}
