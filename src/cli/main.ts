#!/usr/bin/env node
// Nothing is imported before the version is known, because an old Node may not parse the rest. Deno and Bun report a
// version of Node too.
const { process } = globalThis;
const { versions } = process;
const [major = 0, minor = 0] = versions.node.split(".").map(Number);

if (!versions.deno && !versions.bun && (major < 22 || (major === 22 && minor < 13))) {
  process.stderr.write(`sheethook: this is Node ${versions.node}, but it should be 22.13 or newer (or Deno, or Bun)\n`);
  process.exitCode = 1;
} else {
  // The event loop is empty, but the command hasn't finished: a supervisor must not take that for success.
  const reportUnfinished = () => {
    process.exitCode = 1;
    process.stderr.write("sheethook: ended before it was done: does a module await a promise that never settles?\n");
  };
  process.once("beforeExit", reportUnfinished);
  import("./program.ts").then(({ runProgram }) => runProgram(process.argv.slice(2))).then((code) => {
    process.off("beforeExit", reportUnfinished);
    // After pending writes. The exit is explicit, because a timer of a handlers' module may keep the process alive.
    process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
  });
}
