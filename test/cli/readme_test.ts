import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Command, Option } from "commander";
import { OTHER_VARIABLES } from "../../src/cli/options/unknown_variables.ts";
import { createProgram } from "../../src/cli/program.ts";

const readme = readFileSync(new URL("../../src/cli/README.md", import.meta.url), "utf8");
const commands = leavesOf(createProgram());

test("the README has each command with its options, their variables and defaults, as --help has them", () => {
  for (const command of commands) {
    assert.deepEqual(tableUnder(`### ${nameOf(command)}`), command.options.map(rowOf), nameOf(command));
  }
  const titles = [...readme.matchAll(/^### (sheethook .+)$/gm)].map(([, title]) => title);
  assert.deepEqual(titles, commands.map(nameOf));
});

test("the README has each environment variable that belongs to no option, as --help has them", () => {
  const byOption = new Set(commands.flatMap(({ options }) => options.map(({ envVar }) => envVar)));
  const helps = [createProgram(), ...commands, ...createProgram().commands].map(helpOf).join("\n");
  const named = new Set(helps.match(/\b(SHEETHOOK|SMARTSHEET)_[A-Z_]+\b/g));
  const documented = tableUnder("### Variables without an option").map(([name]) => name!);
  assert.deepEqual(documented.toSorted(), [...named].filter((name) => !byOption.has(name)).sort());
  assert.deepEqual(documented.filter((name) => name.startsWith("SHEETHOOK_")), OTHER_VARIABLES);
});

function leavesOf(command: Command): Command[] {
  return command.commands.length ? command.commands.flatMap(leavesOf) : [command];
}

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

function rowOf({ flags, envVar = "", defaultValue, defaultValueDescription, description }: Option): string[] {
  const fallback = defaultValue === undefined ? "" : defaultValueDescription ?? String(defaultValue);
  return [flags, envVar, fallback, description];
}

function helpOf(command: Command): string {
  let help = "";
  command.configureOutput({ writeOut: (text) => help += text }).outputHelp();
  return help;
}

/** The rows of the first table below a heading and above the next one. */
function tableUnder(heading: string): string[][] {
  const [, section = ""] = readme.split(`\n${heading}\n`);
  const [text = ""] = section.split(/^#/m);
  const [table = ""] = text.match(/(?:^\|.*\n)+/m) ?? [];
  return table.trimEnd().split("\n").slice(2).map((row) =>
    row.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""))
  );
}
