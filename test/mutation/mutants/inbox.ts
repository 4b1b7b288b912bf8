import type { MutatedFile } from "../mutant.ts";

const MEMORY = ["inbox/memory", "inbox/model", "receiver", "worker"];
const SQLITE = [
  "inbox/sqlite/dead_calls",
  "inbox/sqlite",
  "inbox/sqlite/inspect",
  "inbox/sqlite/schema",
  "inbox/model",
];

/** src/inbox/memory, src/inbox/sqlite */
export const inbox: readonly MutatedFile[] = [
  {
    file: "src/inbox/memory/lanes.ts",
    tests: MEMORY,
    mutants: [
      { from: "found.leasedUntil > now()", to: "true", what: "an expired lease holds" },
      { from: "found.leasedUntil > now()", to: "found.leasedUntil >= now()", what: "a lease holds at its very end" },
      { from: "found?.token === token &&", to: "found &&", what: "a lease that another has holds" },
      { from: "if (isTaken && queue.first?.id === id)", to: "if (queue.first)", what: "another callback is finished" },
      { from: "if (!entry || lane.dueAt > time)", to: "if (!entry)", what: "a callback is taken before its retry" },
      { from: "    entry.attempts++;\n", to: "", what: "attempts aren't counted before they run" },
      { from: "        entry.attempts--;\n", to: "", what: "a paused attempt counts" },
      {
        from: 'if (outcome.kind !== "paused") entry.unfinished = 0;',
        to: "entry.unfinished = 0;",
        what: "a pause forgets unfinished attempts",
      },
      {
        from: 'if (outcome.kind !== "paused") entry.unfinished = 0;',
        to: "",
        what: "unfinished attempts aren't forgotten",
      },
      { from: " || lane.leasedUntil <= time) return true", to: ") return true", what: "an expired lease is renewed" },
      { from: "        lanes.delete(lane.lane);\n", to: "", what: "a released lane doesn't go to the end" },
      { from: "        store.wake();\n", to: "", what: "nobody hears of a released lane" },
      {
        from: 'lane.token = "";\n        lane.isTaken = false;',
        to: 'lane.token = "";',
        what: "a released lane has an attempt under way",
      },
      { from: 'state === "skipped" ? [] : ', to: "", what: "skipped calls are dead calls" },
      { from: 'isOwed: state === "owed"', to: "isOwed: true", what: "each dead call is owed" },
      {
        from: "if (lane.token || !lane.queue.first || lane.dueAt > time) continue;",
        to: "if (!lane.queue.first || lane.dueAt > time) continue;",
        what: "a leased lane is leased again",
      },
      { from: "store.expire(lane, time);", to: "", what: "a lane whose lease has expired is held for ever" },
      {
        from: "entry.retryAt = lane.dueAt = now() + outcome.retryAfterMs;",
        to: "entry.retryAt = now() + outcome.retryAfterMs;",
        what: "a failure doesn't hold its lane",
      },
      { from: "entry.failedAt ??= now();", to: "entry.failedAt = now();", what: "the first failure's time is lost" },
      {
        from: 'store.addEnded(entry, outcome.ended ?? []);\n        return store.end(entry, "done"',
        to: 'return store.end(entry, "done"',
        what: "a replay's calls stay dead",
      },
      {
        from: "steps: new Map(steps)",
        to: "steps: steps ?? new Map()",
        what: "the attempt's steps are the inbox's",
        survives: "equivalent: an attempt copies them before it adds one",
      },
      {
        from: "Math.min(Math.max(dueAt - time, 0), 2 ** 31 - 1)",
        to: "Math.max(dueAt - time, 0)",
        what: "a wait of over 24 days ends at once",
      },
      { from: "      waiting.add(wakeUp);\n", to: "", what: "the wait isn't woken" },
    ],
  },
  {
    file: "src/inbox/memory/store.ts",
    tests: MEMORY,
    mutants: [
      {
        from: "keys.some((key) => known.has(key))",
        to: "keys.every((key) => known.has(key))",
        what: "the same nonce or the same time is no duplicate",
      },
      { from: "n ${nonce} ${digest}`", to: "n ${nonce}`", what: "the digest doesn't count beside the nonce" },
      { from: "t ${timestamp} ${digest}`", to: "t ${timestamp}`", what: "the digest doesn't count beside the time" },
      { from: "[`${webhookId} n ", to: "[`n ", what: "two webhooks share nonces" },
      {
        from: "lane.leasedUntil + retryDelayMs(first.attempts, random)",
        to: "lane.leasedUntil",
        what: "no backoff after a lost lease",
      },
      { from: "    first.unfinished++;\n", to: "", what: "unfinished attempts aren't counted" },
      {
        from: "ended.first.endedAt! < now() - keepMs",
        to: "ended.first.endedAt! <= now() - keepMs",
        what: "forgotten a millisecond early",
      },
      { from: "    requireRoom();\n    for", to: "    for", what: "maxPending is ignored" },
      {
        from: '    if (keys.some((key) => known.has(key))) return "duplicate";\n    requireRoom();',
        to: '    requireRoom();\n    if (keys.some((key) => known.has(key))) return "duplicate";',
        what: "a full inbox refuses duplicates",
      },
      {
        from: "if (entry.failures.length > MAX_FAILURES) entry.failures.shift();",
        to: "",
        what: "failures are kept without end",
      },
      { from: "for (const key of entry.keys) known.delete(key);", to: "", what: "what is forgotten stays a duplicate" },
      {
        from: "const number = known?.number ?? ++last;",
        to: "const number = ++last;",
        what: "a call that dies again gets another number",
      },
      {
        from: 'if (state !== "dead") entry.steps = entry.position = undefined;',
        to: "entry.steps = entry.position = undefined;",
        what: "the replay of a dead letter runs its steps again",
      },
      {
        from: "entry.attempts = entry.unfinished = 0;",
        to: "entry.unfinished = 0;",
        what: "a replay has no attempts left",
      },
      {
        from: "if (!lane.queue.first && !lane.token) lanes.delete",
        to: "if (!lane.queue.first) lanes.delete",
        what: "a leased lane that is empty is forgotten",
      },
      { from: "    totals.pending--;\n", to: "", what: "what has ended stays pending" },
    ],
  },
  {
    file: "src/inbox/sqlite/lanes.ts",
    tests: SQLITE,
    mutants: [
      {
        from: "if (requireHeld(sql, lease).retry_at > now()) return undefined;",
        to: "requireHeld(sql, lease);",
        what: "a callback is taken before its retry",
      },
      { from: "row.attempts + 1", to: "row.attempts", what: "attempts aren't counted before they run" },
      {
        from: "sql.take.run(row.id, retryDelayMs(attempt, random), lease.lane);",
        to: "",
        what: "an attempt isn't marked as under way",
      },
      { from: "sql.unfinished.run(taken);", to: "", what: "unfinished attempts aren't counted" },
      {
        from: "(outcome.attempt ?? work.attempt) - 1",
        to: "(outcome.attempt ?? work.attempt)",
        what: "a paused attempt counts",
      },
      {
        from: "for (const lease of held) release(lease, time);",
        to: "",
        what: "a release that failed isn't made up for",
      },
      {
        from: "if (row?.lease === token) return row;",
        to: "if (row) return row;",
        what: "a lease that another has holds",
      },
      {
        from: "requireTaken(sql, lease, work);\n        sql.step",
        to: "sql.step",
        what: "a step is saved without the lease",
      },
      {
        from: "requireTaken(sql, lease, work);\n        const { attempt",
        to: "const { attempt",
        what: "progress is saved without the lease",
      },
      {
        from: "requireTaken(sql, lease, work);\n    const time",
        to: "const time",
        what: "an outcome is recorded without the lease",
      },
      {
        from: 'if (outcome.kind !== "dead") sql.dropSteps.run(id);',
        to: "sql.dropSteps.run(id);",
        what: "the replay of a dead letter runs its steps again",
      },
      { from: 'if (outcome.kind !== "dead") sql.dropSteps.run(id);', to: "", what: "steps are kept" },
      {
        from: "    sql.settle.run(lease.lane);\n  }\n\n  function endDead",
        to: "  }\n\n  function endDead",
        what: "a lane never settles",
      },
      {
        from: "sql.retry.run(time + outcome.retryAfterMs, lease.lane);",
        to: "sql.retry.run(time, lease.lane);",
        what: "a failure doesn't hold its lane",
      },
      { from: "${owner} ${++lastLease}", to: "${owner}", what: "two leases have one token" },
      {
        from: "        sql.take.run(work.id, retryDelayMs(attempt, random), lease.lane);\n      }),",
        to: "      }),",
        what: "progress doesn't set the backoff anew",
      },
      {
        from: "clock.trustsLeases() ? sql.dueUnleased : sql.due",
        to: "sql.due",
        what: "leases are taken over after a jump of the clock",
      },
      {
        from: "sql.skipCalls.run(id).changes) sql.countCalls.run(id);",
        to: "sql.skipCalls.run(id).changes) {}",
        what: "a discarded callback's dead calls stay counted",
        survives: "equivalent: unless a callback is dead, the count only says that there may be calls to look for",
      },
      {
        from: "      wake();\n    },\n\n    take",
        to: "    },\n\n    take",
        what: "nobody hears of a released lane",
        survives: "only speed: who waits looks again after 100 ms",
      },
      {
        from: "deadCalls.fail(taken, NEVER_ENDED, time);",
        to: "",
        what: "an attempt that never ended isn't among the failures",
      },
    ],
  },
  {
    file: "src/inbox/sqlite/statements.ts",
    tests: SQLITE,
    mutants: [
      {
        from: "state = 'pending' order by place limit 1",
        to: "state = 'pending' order by place desc limit 1",
        what: "the youngest is taken first",
      },
      {
        from: "state = 'pending' order by place limit 1",
        to: "state = 'pending' order by id limit 1",
        what: "a replay runs at its old place",
      },
      { from: "due_at = max(retry_at, ?)", to: "due_at = max(0, ?)", what: "a released lane is due before its retry" },
      {
        from: "pending = pending - 1, retry_at = 0",
        to: "pending = pending, retry_at = 0",
        what: "what has ended stays pending",
      },
      {
        from: "pending = pending - 1, retry_at = 0, taken = null",
        to: "pending = pending - 1, retry_at = 0",
        what: "what has ended stays taken",
      },
      {
        from: "when pending = 0 and lease is null then",
        to: "when pending = 0 then",
        what: "a leased lane becomes due at once",
      },
      {
        from: "when pending = 0 and lease is null then",
        to: "when lease is null then",
        what: "a new callback ends a lane's wait",
      },
      {
        from: "where lane = ? and lease = ?`),\n    release",
        to: "where lane = ? and (lease = ? or true)`),\n    release",
        what: "a lost lease is renewed",
      },
      {
        from: "due_at = lease_until + ? where",
        to: "due_at = lease_until + 0 * ? where",
        what: "no backoff after a lost lease",
      },
      {
        from: "failed_at = coalesce(failed_at, ?)",
        to: "failed_at = coalesce(?, failed_at)",
        what: "the first failure's time is lost",
      },
      {
        from: "set unfinished = 0, error = ?, failed_at",
        to: "set error = ?, failed_at",
        what: "unfinished attempts aren't forgotten",
      },
      {
        from: "offset ${MAX_FAILURES - 1}",
        to: "offset ${MAX_FAILURES}",
        what: "one failure too many",
        survives: "only a row more: the last 100 are shown all the same",
      },
      { from: "and ended_at < ? limit", to: "and ended_at <= ? limit", what: "pruned a millisecond early" },
      {
        from: "state in ('done', 'discarded') and state",
        to: "state in ('done', 'discarded', 'dead') and state",
        what: "dead letters are pruned",
      },
      { from: "on conflict (nonce_key) do nothing\n", to: "", what: "the same nonce is an error" },
      {
        from: "      on conflict (timestamp, webhook_id, digest) do nothing",
        to: "",
        what: "the same time is an error",
      },
      { from: "and state <> 'skipped' order by number", to: "order by number", what: "skipped calls are dead calls" },
      {
        from: "due_at <= ? and lease is null order by due_at",
        to: "due_at <= ? and lease is null order by due_at desc",
        what: "the lane that waited longest comes last",
      },
      {
        from: "retry_at = ?, taken = null, due_at = lease_until",
        to: "retry_at = ?, due_at = lease_until",
        what: "an attempt that failed is under way",
      },
    ],
  },
];
