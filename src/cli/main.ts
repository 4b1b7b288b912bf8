#!/usr/bin/env node
// Nothing is imported before the version is known: on an old Node the rest may not even parse. Deno and Bun give a
// version of Node too, but it isn't theirs.
const { process } = globalThis;
const { versions } = process;
const [major = 0, minor = 0] = versions.node.split(".").map(Number);

if (!versions.deno && !versions.bun && (major < 22 || (major === 22 && minor < 13))) {
  process.stderr.write(`sheethook: this is Node ${versions.node}, but it should be 22.13 or newer (or Deno, or Bun)\n`);
  process.exitCode = 1;
} else {
  // Nothing is left to wait for, and it isn't done: a supervisor mustn't take that for success.
  const tellUnfinished = () => {
    process.exitCode = 1;
    process.stderr.write("sheethook: ended before it was done: does a module wait for something that never comes?\n");
  };
  process.once("beforeExit", tellUnfinished);
  import("./program.ts").then(({ runProgram }) => runProgram(process.argv.slice(2))).then((code) => {
    process.off("beforeExit", tellUnfinished);
    // Behind what is still being written; and not by itself, because a handlers' module may hold the process with a timer.
    process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
  });
}
