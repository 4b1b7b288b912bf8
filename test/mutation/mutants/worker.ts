import type { MutatedFile } from "../mutant.ts";

/** src/worker.ts, src/worker */
export const worker: readonly MutatedFile[] = [
  {
    file: "src/worker/lane.ts",
    tests: ["worker/create_lane", "worker/lane", "worker", "dst/dst"],
    mutants: [
      { from: "monotonic >= endMonotonic", to: "monotonic > endMonotonic", what: "a lease holds at its very end" },
      { from: "if (monotonic >= endMonotonic) expire();", to: "", what: "the clock isn't compared before a call" },
      {
        from: "return now() >= endWall ? ask() : undefined;",
        to: "return undefined;",
        what: "the inbox isn't asked after a suspension",
      },
      {
        from: "if (!await renew(lane)) expire();",
        to: "if (!renew(lane)) expire();",
        what: "the inbox's answer isn't waited for",
      },
      {
        from: "if (!await renew(lane)) expire();\n    signal.throwIfAborted();",
        to: "await renew(lane);",
        what: "the inbox's answer isn't looked at",
      },
      {
        from: "      if (signal.aborted) return;\n      endMonotonic",
        to: "      endMonotonic",
        what: "a lost lease is extended",
      },
      { from: "endWall = wall + leaseMs;", to: "", what: "the inbox is asked before each call" },
      {
        from: "      clearTimeout(timer);\n      timer = ",
        to: "      timer = ",
        what: "a renewed lease runs out at its first end",
      },
      {
        from: "if (!signal.aborted) lost.abort(",
        to: "lost.abort(",
        what: "a lane is lost twice",
        survives: "AbortController.abort() does nothing the second time",
      },
      { from: "    onLost(lane);", to: "", what: "nobody hears that a lease ran out" },
    ],
  },
  {
    file: "src/worker/lane_run.ts",
    tests: ["worker/lane_run", "worker", "worker/turns", "worker/dead_calls", "worker/killed_call", "dst/dst"],
    mutants: [
      { from: "count < LANE_CALLBACKS", to: "true", what: "a lane isn't released after 50 callbacks" },
      { from: "performance.now() < endAt && ", to: "", what: "a lane isn't released after 1 s" },
      {
        from: "work.unfinished < SUSPICIOUS",
        to: "work.unfinished <= SUSPICIOUS",
        what: "a callback with 3 unfinished attempts runs beside others",
      },
      { from: "if (signal.aborted) break;", to: "", what: "an attempt whose lease was lost is recorded" },
      {
        from: "if (!isLeaseLost(error)) throw error;\n      lose();",
        to: "lose();",
        what: "an inbox that fails is a lost lease",
      },
      { from: "if (!signal.aborted) await inbox.release(lease);", to: "", what: "a lane isn't released" },
      {
        from: "if (!signal.aborted) await inbox.release(lease);",
        to: "if (!signal.aborted) void inbox.release(lease);",
        what: "the release isn't waited for",
      },
      {
        from: "(unfinished > 0 && own.position !== undefined)",
        to: "false",
        what: "the call that kills isn't saved before it",
      },
      { from: "own.ended.length >= MAX_ENDED", to: "false", what: "dead calls gather in the memory" },
      { from: "if (own.saving) await own.saving;", to: "", what: "the outcome doesn't wait for the progress" },
      { from: "own.ended = own.ended.slice(ended.length);", to: "", what: "dead calls are saved again" },
      {
        from: "      if (isLeaseLost(error)) lose();\n      throw error;",
        to: "      throw error;",
        what: "a step that loses the lease doesn't end the lane",
      },
      {
        from: "        if (isLeaseLost(error)) throw error;\n        if (isFirst)",
        to: "        if (isFirst)",
        what: "a lost lease is saved again and again",
      },
      {
        from: ".catch(() => void own.ended.unshift(...ended))",
        to: ".catch(() => {})",
        what: "dead calls are lost where their save fails",
      },
      { from: "if (!isReported) ended.report();", to: "ended.report();", what: "an outcome is reported twice" },
      {
        from: "await deadline(inbox.finish(lease, running.work, outcome), RELEASE_MS).catch(() => {});",
        to: "",
        what: "a call that is broken off counts as an attempt",
      },
      {
        from: "confirmed.then(() => !stopping.aborted) : !stopping.aborted",
        to: "confirmed.then(() => true) : true",
        what: "a stop isn't seen between calls",
      },
      {
        from: "own.saved = position;\n      own.ended = [];",
        to: "own.ended = [];",
        what: "the same progress is saved again",
      },
      {
        from: "!stopping.aborted && !signal.aborted;",
        to: "!signal.aborted;",
        what: "the next callback is taken in spite of the stop",
      },
      { from: "if (signal.aborted) return;\n    lane.lose(", to: "lane.lose(", what: "a lost lease is logged twice" },
      { from: "running = undefined;\n        if (signal", to: "if (signal", what: "what has ended still seems to run" },
      { from: "confirm: lane.confirm,", to: "", what: "steps and writes don't compare the clock" },
      {
        from: "own.position = position;\n          own.attempt = attempt;",
        to: "own.position = position;",
        what: "the attempt's number isn't saved",
      },
    ],
  },
  {
    file: "src/worker/outage.ts",
    tests: ["worker/outage", "worker", "dst/dst"],
    mutants: [
      { from: "2 ** waits++", to: "2 ** waits", what: "each wait is as long as the first" },
      { from: "      if (hasFailed) return;\n", to: "", what: "an outage ends while it goes on" },
      { from: "hasFailed = false;\n      await", to: "await", what: "it waits though nothing failed since" },
    ],
  },
  {
    file: "src/worker/time_slice.ts",
    tests: ["worker/time_slice", "worker", "dst/dst"],
    mutants: [
      { from: "monotonic >= endAt", to: "false", what: "the event loop is held" },
      { from: "await yielding;", to: "", what: "nobody waits for the others" },
    ],
  },
  {
    file: "src/worker.ts",
    tests: ["worker/create_worker", "worker", "worker/dead_calls", "receiver", "dst/dst"],
    mutants: [
      { from: "concurrency - active.size", to: "concurrency", what: "more lanes than concurrency" },
      { from: "if (run.isEnding) continue;", to: "", what: "a lane that is being released counts as lost" },
      {
        from: "if (tokens.has(run.lane.lease.token)) run.lose();\n        else run.lane.extend(before);",
        to: "run.lane.extend(before);",
        what: "a lost lease is extended",
      },
      { from: "else run.lane.extend(before);", to: "", what: "a renewed lease isn't extended" },
      {
        from: "await Promise.all(left.map((run) => run.breakOff(graceMs)));",
        to: "void Promise.all(left.map((run) => run.breakOff(graceMs)));",
        what: "stop doesn't wait for the release",
      },
      {
        from: "for (const run of left) active.delete(run);",
        to: "",
        what: "a handler that hangs holds its place after a new start",
      },
      { from: "own !== calls || running", to: "running", what: "a start that a stop overtook" },
      { from: "      await ending;\n", to: "", what: "start doesn't wait for the stop" },
      { from: "for (const timer of timers) clearInterval(timer);", to: "", what: "timers stay behind" },
      {
        from: "      return false;\n    }\n    lane.extend(before);",
        to: "    }\n    lane.extend(before);",
        what: "an inbox that fails renews a lease",
      },
      { from: "running.isLong = true;", to: "", what: "a long call is logged each second" },
      { from: "performance.now() - running.beganAt > longMs", to: "false", what: "a long call isn't logged" },
      { from: "ending ??= end(graceMs)", to: "ending = end(graceMs)", what: "a second stop ends it twice" },
      {
        from: "    while (active.size) await laneEnds.promise;\n",
        to: "",
        what: "stop doesn't wait for running calls",
      },
      { from: "    laneEnds.resolve();\n", to: "", what: "nobody hears that a lane has ended" },
      { from: "    stopWaiting?.();\n", to: "", what: "the wait for work goes on though a lane has ended" },
      { from: "saveProgress();\n    }", to: "}", what: "progress isn't saved every second" },
    ],
  },
];
