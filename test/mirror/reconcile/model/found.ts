// Plans that once failed, shrunk.
import type { Plan, Step } from "./plan.ts";

const PLAIN: Omit<Plan, "steps"> = {
  seed: 0,
  pageSize: 2,
  rows: 0,
  skewMs: 0,
  hasDate: true,
  hasModifiedAt: true,
  assumptions: {
    missingRowIds: "refused",
    deletedRowVersion: "stays",
    resultEvents: "none",
    newRowCells: "updated",
    clearedCell: "deleted",
  },
  writes: false,
  failEvery: 0,
  isLate: false,
};

const plan = (given: Partial<Plan>, steps: readonly Step[]): Plan => ({ ...PLAIN, ...given, steps });

export const FOUND: readonly Plan[] = [
  // An own write comes back before anybody has told of the row that it was made in.
  plan({}, [
    { "step": "reconcile", "reason": "disabled" },
    { "step": "work" },
    {
      "step": "trap",
      "trap": {
        "port": "any",
        "after": 1,
        "when": "before",
        "what": { "trouble": "ownWrite", "row": 1, "value": "T-1" },
      },
    },
    { "step": "edit", "what": { "edit": "add", "item": null, "status": "Open", "atTop": false } },
    { "step": "deliver", "which": 0, "how": "once" },
    { "step": "edit", "what": { "edit": "add", "item": null, "status": "Open", "atTop": false } },
    { "step": "edit", "what": { "edit": "empty", "row": 0 } },
    { "step": "deliver", "which": 3, "how": "once" },
    { "step": "deliver", "which": 0, "how": "lost" },
    { "step": "edit", "what": { "edit": "set", "row": 0, "column": 0, "value": "Rope" } },
  ]),
  // A handler of another sheet writes a row while its sheet is read for the first time.
  plan({ "rows": 5 }, [
    { "step": "reconcile", "reason": "disabled" },
    {
      "step": "trap",
      "trap": {
        "port": "api",
        "after": 2,
        "when": "behind",
        "what": { "trouble": "ownWrite", "row": 0, "value": "T-1" },
      },
    },
    { "step": "reconcile", "reason": "disabled" },
    { "step": "work" },
    { "step": "edit", "what": { "edit": "add", "item": null, "status": "Open", "atTop": false } },
  ]),
  // Rows move up behind a deletion that a callback has told of.
  plan({ "rows": 2 }, [{ "step": "reconcile", "reason": "disabled" }, { "step": "work" }, {
    "step": "edit",
    "what": { "edit": "delete", "row": 0 },
  }]),
  // A row changes again before a comparison that failed goes on.
  plan({ "rows": 2 }, [
    { "step": "reconcile", "reason": "disabled" },
    { "step": "webhook", "how": "silent" },
    { "step": "work" },
    { "step": "edit", "what": { "edit": "delete", "row": 0 } },
    { "step": "trap", "trap": { "port": "api", "after": 4, "when": "before", "what": { "trouble": "halfJson" } } },
    { "step": "edit", "what": { "edit": "set", "row": 0, "column": 0, "value": "write" } },
    { "step": "reconcile", "reason": "disabled" },
    { "step": "work" },
    { "step": "edit", "what": { "edit": "empty", "row": 0 } },
    { "step": "work" },
  ]),
  // A process that stood still goes on with a first read that another one has ended.
  plan({ "rows": 1 }, [
    {
      "step": "trap",
      "trap": { "port": "api", "after": 0, "when": "before", "what": { "trouble": "kill", "isZombie": true } },
    },
    { "step": "trap", "trap": { "port": "api", "after": 2, "when": "before", "what": { "trouble": "wakeZombies" } } },
    { "step": "edit", "what": { "edit": "empty", "row": 0 } },
    { "step": "deliver", "which": 0, "how": "once" },
    { "step": "edit", "what": { "edit": "set", "row": 0, "column": 0, "value": "Open" } },
    { "step": "work" },
    { "step": "reconcile", "reason": "disabled" },
    { "step": "wait", "ms": 1000 },
    { "step": "work" },
    { "step": "trap", "trap": { "port": "api", "after": 0, "when": "before", "what": { "trouble": "wakeZombies" } } },
  ]),
  // A row that was read for a callback is read again along with another one.
  plan({ "hasModifiedAt": false, "failEvery": 2 }, [
    { "step": "edit", "what": { "edit": "add", "item": null, "status": "Open", "atTop": false } },
    { "step": "deliver", "which": 0, "how": "once" },
    { "step": "edit", "what": { "edit": "blank" } },
    { "step": "edit", "what": { "edit": "move", "row": 3, "to": "top", "other": 0 } },
    { "step": "edit", "what": { "edit": "set", "row": 7, "column": 0, "value": "Rope" } },
    { "step": "deliver", "which": 0, "how": "all" },
    { "step": "edit", "what": { "edit": "move", "row": 2, "to": "under", "other": 7 } },
    { "step": "reconcile", "reason": "disabled" },
    { "step": "work" },
    { "step": "edit", "what": { "edit": "set", "row": 3, "column": 1, "value": "Rope" } },
    { "step": "deliver", "which": 0, "how": "once" },
  ]),
  // A row that an own callback names, which waits, was changed; the API doesn't tell when.
  plan({ rows: 2, hasModifiedAt: false }, [
    {
      step: "trap",
      trap: { port: "api", after: 0, when: "before", what: { trouble: "ownWrite", row: 9, value: "T-1" } },
    },
    { step: "reconcile", reason: "disabled" },
    { step: "work" },
    { step: "webhook", how: "silent" },
    { step: "edit", what: { edit: "delete", row: 0 } },
    { step: "edit", what: { edit: "set", row: 0, column: 1, value: "Rope" } },
    { step: "reconcile", reason: "disabled" },
    { step: "edit", what: { edit: "addColumn" } },
  ]),
  // A process is killed between its own row and the mirror, and the webhook never tells of the row.
  plan({ rows: 1, writes: true, failEvery: 2 }, [
    { step: "edit", what: { edit: "set", row: 0, column: 0, value: "Open" } },
    { step: "edit", what: { edit: "add", item: "spawn", status: "Open", atTop: false } },
    { step: "deliver", which: 0, how: "all" },
    { step: "work" },
    { step: "webhook", how: "silent" },
    { step: "trap", trap: { port: "any", after: 4, when: "before", what: { trouble: "kill", isZombie: false } } },
    { step: "wait", ms: 4000 },
    { step: "work" },
    { step: "deliver", which: 0, how: "once" },
  ]),
  // Handlers fail so often that the clock, which goes on by ever more, tells fractions of a millisecond.
  plan({ failEvery: 2 }, [
    { step: "reconcile", reason: "disabled" },
    { step: "work" },
    ...Array.from({ length: 8 }, (): Step => ({
      step: "edit",
      what: { edit: "add", item: "Rope", status: "Open", atTop: false },
    })),
  ]),
];
