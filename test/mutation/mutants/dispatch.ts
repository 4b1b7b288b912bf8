import type { MutatedFile } from "../mutant.ts";

const RUN = [
  "dispatch/attempt",
  "receiver",
  "worker/dead_calls",
  "mirror/on_change",
  "mirror/reconcile",
  "forward/targets",
  "worker",
  "dst/dst",
];

/** src/dispatch, src/inbox/attempts.ts */
export const dispatch: readonly MutatedFile[] = [
  {
    file: "src/dispatch/verdict.ts",
    tests: RUN,
    mutants: [
      { from: "attempt >= attempts", to: "attempt > attempts", what: "one attempt more" },
      { from: 'if (isSkip(thrown)) return "skip";', to: "", what: "Skip is a failure" },
      { from: 'if (isDiscard(thrown)) return "discard";', to: "", what: "Discard is a failure" },
      { from: " && retryDelayOf(result) === undefined", to: "", what: "a RetryLater that was returned is ignored" },
      {
        from: 'if (typeof thrown !== "function") return thrown;',
        to: "return thrown;",
        what: "a class that was thrown isn't explained",
      },
    ],
  },
  {
    file: "src/inbox/attempts.ts",
    tests: ["dispatch/outcome", "worker", "inbox/memory"],
    mutants: [
      { from: "2 ** (attempt - 1)", to: "2 ** attempt", what: "the first wait is 2 s" },
      {
        from: "Math.min(FIRST_MS * 2 ** (attempt - 1), LAST_MS)",
        to: "(FIRST_MS * 2 ** (attempt - 1))",
        what: "waits of 1 h have no jitter",
      },
      { from: "* random())), LAST_MS)", to: "* random())), Infinity)", what: "waits grow over 1 h" },
      { from: "0.8 + 0.4", to: "0.8 + 0.2", what: "less jitter" },
      { from: "0.4 * random()", to: "0.2", what: "no jitter" },
    ],
  },
  {
    file: "src/dispatch/outcome.ts",
    tests: ["dispatch/outcome", "worker/dead_calls", "receiver", "worker"],
    mutants: [
      { from: "report() {\n        counts.deadLetters++;", to: "report() {", what: "dead letters aren't counted" },
      { from: "counts.discarded++;", to: "", what: "discarded ones aren't counted" },
      {
        from: "Math.max(Math.round(retryDelayOf(thrown) ?? NaN), 0)",
        to: "Math.round(retryDelayOf(thrown) ?? NaN)",
        what: "a negative RetryLater",
      },
      {
        from: "Math.min(Math.max(Math.round(retryDelayOf(thrown) ?? NaN), 0), LONGEST_RETRY_MS)",
        to: "Math.max(Math.round(retryDelayOf(thrown) ?? NaN), 0)",
        what: "RetryLater for years",
      },
      {
        from: "Number.isNaN(asked) ? retryDelayMs(attempt, random) : asked",
        to: "retryDelayMs(attempt, random)",
        what: "RetryLater is ignored",
      },
      {
        from: 'outcome: { kind: "dead", error, ended },',
        to: 'outcome: { kind: "done", ended },',
        what: "a callback with dead calls is done",
      },
      {
        from: 'if (result.kind === "paused") return { outcome: { ...result, ended }',
        to: 'if (result.kind === "paused") return { outcome: result',
        what: "dead calls of a paused attempt are lost",
      },
      {
        from: "position, attempt, ended },\n      report() {\n        counts.failures++;\n        logger.warn",
        to: "position, attempt, ended },\n      report() {\n        logger.warn",
        what: "failures aren't counted",
      },
    ],
  },
  {
    file: "src/dispatch/calls.ts",
    tests: RUN,
    mutants: [
      {
        from: "if (index !== start?.event) onEvent(",
        to: "onEvent(",
        what: "an event that is resumed at is counted twice",
      },
      { from: "|| !isDelivered(event)) continue;", to: ") continue;", what: "own changes reach handlers of events" },
      {
        from: "handler.index < start.handler",
        to: "handler.index <= start.handler",
        what: "the call that failed is left out",
      },
      { from: "handler.index < start.handler", to: "false", what: "calls that ended run again" },
      { from: "if (!delivered.length) return undefined;", to: "", what: "onCallback is called with no event" },
      {
        from: "const delivered = events.filter(isDelivered);",
        to: "const delivered = events;",
        what: "own changes reach onCallback",
      },
      { from: "if (!dead.isOwed) continue;", to: "", what: "a replay runs dead calls that aren't owed" },
      {
        from: "if (route.deadCalls.some(({ isOwed }) => isOwed)) return",
        to: "if (false) return",
        what: "a replay of dead calls runs all calls",
      },
      {
        from: 'reason === "disabled" || reason === "silent" || created + updated + deleted > 0',
        to: "true",
        what: "a comparison that finds nothing is a gap",
      },
      {
        from: 'reason === "disabled" || reason === "silent" || created',
        to: "created",
        what: "a silent webhook is no gap",
      },
      {
        from: "  } catch {\n    return true;",
        to: "  } catch {\n    return false;",
        what: "a filter that throws is passed over",
      },
      {
        from: "!isBefore(start, name, handler) && isMatch",
        to: "isMatch",
        what: "calls of changes that ended run again",
      },
      {
        from: '!changes?.isRead || start?.event === "all" ||',
        to: "!changes?.isRead ||",
        what: "changes are told again behind onCallback",
      },
      {
        from:
          "const found = list.filter((handler) => handler.identity === identity);\n    if (found.length) return found;",
        to: "",
        what: "a replay finds its handler only by its place",
      },
      {
        from: "if (!calls.some(({ handler }) => handler.identity === dead.handler)) onReplaced(dead);",
        to: "",
        what: "a dead call whose handler has gone stays dead",
      },
      { from: "if (relay) return yield", to: "if (relay) yield", what: "what is relayed to one handler reaches all" },
      {
        from: 'const first = start && start.event !== "read" ? start.event : 0;',
        to: "const first = 0;",
        what: "events that ended are called again",
      },
      {
        from: 'return listsOf(events).flatMap((list) => list.split(","));',
        to: "return listsOf(events);",
        what: "onCallback: tokens are repeated",
      },
      {
        from: "part.changes.slice(index)",
        to: "part.changes",
        what: "rows that were told are looked at again",
        survives: "only speed: isBefore() leaves their calls out",
      },
      {
        from: "if (filter.matches(change)) await handler",
        to: "await handler",
        what: "a filter that has thrown isn't asked again",
      },
    ],
  },
  {
    file: "src/dispatch/attempt.ts",
    tests: RUN,
    mutants: [
      { from: "if (calls && state.onPosition) attempt = 1;", to: "", what: "attempts count per callback" },
      {
        from: "if (signal.aborted || goesOn === false)",
        to: "if (goesOn === false)",
        what: "a call begins after the signal",
      },
      {
        from: "if (signal.aborted || goesOn === false)",
        to: "if (signal.aborted)",
        what: "a call begins though the worker stops",
      },
      { from: 'signal.aborted ? "retry" : verdictOf', to: "verdictOf", what: "a call that was aborted may be dead" },
      {
        from: "attempt > attempts && !(unfinished === 1 && hasOthers())",
        to: "attempt >= attempts",
        what: "the last attempt isn't made",
      },
      {
        from: "attempt > attempts && !(unfinished === 1 && hasOthers())",
        to: "false",
        what: "a callback that kills never ends",
      },
      { from: "            attempt--;\n", to: "", what: "an attempt that isn't made counts" },
      {
        from: "const error = explainThrown(thrown);",
        to: "const error = thrown;",
        what: "what was thrown isn't explained",
      },
      { from: 'if (origin === "cut") counts.cutOwnChanges++;', to: "", what: "cut own changes aren't counted" },
      { from: "isThenable(returned) ? await returned : returned", to: "returned", what: "a handler isn't waited for" },
      {
        from: "position : { ...position, handler: 0 }",
        to: "position : position",
        what: "an event doesn't start over where the handlers have changed",
      },
      {
        from: "/${callback.nonce}/${name}`",
        to: "/${callback.nonce}/${handler.index}`",
        what: "the idempotency key names the handler",
      },
      { from: "if (dead.isReplay && name", to: "if (false && name", what: "a dead call that runs well stays dead" },
      {
        from: "touchedRows((callback.events ?? []).filter(isDelivered))",
        to: "touchedRows(callback.events ?? [])",
        what: "rows() has own changes",
      },
      {
        from: '(event.changeAgent) === "other"',
        to: '(event.changeAgent) !== "own"',
        what: "a cut own change is delivered",
      },
      { from: "if (result !== undefined) checkReturned(result);", to: "", what: "a Skip that was returned is ignored" },
      { from: 'if (isProbe(callback)) return { kind: "dropped" };', to: "", what: "doctor's probe reaches handlers" },
      {
        from: "            continue;\n          }\n        }",
        to: "          }\n        }",
        what: "a dead call is dead no more at once",
      },
      {
        from: "dead.end({ call: position, handler: handler.identity, attempt, error: errorText(error) });",
        to: "",
        what: "a dead call isn't recorded",
      },
      {
        from: "(touchedRows(events ?? []).length > 0 || reconcileOf(callback) !== undefined)",
        to: "true",
        what: "rows are read where none was touched",
      },
      { from: 'scope === "sheet" && ', to: "", what: "a plan is read as a sheet" },
      {
        from: "handlers.change.some(({ filter }) => filter.asksFor(scopeObjectId)) &&",
        to: "",
        what: "sheets are read that nobody asks for",
      },
    ],
  },
  {
    file: "src/dispatch/step.ts",
    tests: ["dispatch/step", "receiver", "worker"],
    mutants: [
      { from: "await confirm();", to: "void confirm();", what: "a step doesn't wait for the lease" },
      { from: "    await confirm();\n", to: "", what: "a step doesn't compare the lease" },
      { from: "if (known !== undefined) return", to: "if (known) return", what: "a step without a result runs again" },
      {
        from: "    signal.throwIfAborted();\n    await save",
        to: "    await save",
        what: "a step's result is saved though the lease is lost",
      },
      {
        from: "    await save(key, json);",
        to: "    void save(key, json);",
        what: "a step goes on before it is saved",
      },
      {
        from: "    steps.set(key, json);\n",
        to: "",
        what: "a result isn't kept in the memory",
        survives: "equivalent: a name runs once in a call, and a call once in an attempt",
      },
      { from: "new TextEncoder().encode(json).length", to: "json.length", what: "characters count, not bytes" },
      { from: "bytes > MAX_BYTES", to: "bytes >= MAX_BYTES", what: "a result of 256 KiB is refused" },
      { from: ": used?.has(name)\n", to: ": false\n", what: "a name is used twice" },
      { from: "result.catch(() => {});", to: "", what: "a step that nobody awaits ends the process" },
      { from: "return Number.isFinite(value);", to: "return true;", what: "NaN" },
      { from: "Reflect.ownKeys(value).length === value.length + 1 && ", to: "", what: "a list with holes" },
      { from: " || parents.includes(value)", to: "", what: "a cycle" },
      {
        from: "JSON.stringify([call, handler, name])",
        to: "JSON.stringify([call, name])",
        what: "two handlers share a step",
      },
      {
        from: "JSON.stringify([call, handler, name])",
        to: "JSON.stringify([handler, name])",
        what: "two events share a step",
      },
      {
        from: "if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;",
        to: "",
        what: "a Date",
      },
      {
        from: "    return parseResult(json) as Result;\n  }\n\n  return",
        to: "    return result;\n  }\n\n  return",
        what: "the first run gives what JSON would have changed",
      },
    ],
  },
  {
    file: "src/dispatch/handlers.ts",
    tests: RUN,
    mutants: [
      { from: "      byType.clear();\n    },", to: "    },", what: "a handler that is added late is passed over" },
      {
        from: "return found < 0 || found === index;",
        to: "return found === index;",
        what: "a renamed handler starts its event over",
      },
      { from: "return found < 0 || found === index;", to: "return true;", what: "a moved handler isn't noticed" },
      { from: "if (patterns !== hashOfPatterns()) return false;", to: "", what: "other patterns aren't noticed" },
      {
        from: "const identity = `${named}#${twins + 1}`;",
        to: "const identity = `${named}#1`;",
        what: "twins are one handler",
      },
      { from: "    patternsHash = undefined;\n", to: "", what: "the fingerprint is that of the first handlers" },
    ],
  },
];
