// What happens in a world, step by step: drawn by fast-check, and so shrunk to the fewest steps that still fail.
import fc from "fast-check";
import type { ReconcileReason } from "../../../../src/callback/reconcile.ts";

/** Which row, column or callback is meant: counted modulo how many there are. */
type Nth = number;

/** What a person does in the grid. */
export type PlannedEdit =
  | { readonly edit: "set"; readonly row: Nth; readonly column: Nth; readonly value: string | number | boolean | null }
  | { readonly edit: "add"; readonly item: string | null; readonly status: string | null; readonly atTop: boolean }
  | { readonly edit: "blank" }
  | { readonly edit: "empty"; readonly row: Nth }
  | { readonly edit: "delete"; readonly row: Nth }
  | { readonly edit: "move"; readonly row: Nth; readonly to: "top" | "bottom" | "under" | "below"; readonly other: Nth }
  | { readonly edit: "result"; readonly row: Nth; readonly value: number }
  | { readonly edit: "addColumn" }
  | { readonly edit: "renameColumn"; readonly column: Nth; readonly swaps: boolean }
  | { readonly edit: "removeColumn"; readonly column: Nth };

/** What goes wrong at a call of a port. */
export type Trouble =
  | { readonly trouble: "edits"; readonly edits: readonly PlannedEdit[] }
  | { readonly trouble: "kill"; readonly isZombie: boolean }
  | { readonly trouble: "wakeZombies" }
  | { readonly trouble: "status"; readonly status: 429 | 500 | 502 }
  | { readonly trouble: "halfJson" }
  | { readonly trouble: "leftOut"; readonly row: Nth; readonly isCounted: boolean }
  | { readonly trouble: "wrongCount"; readonly by: number }
  | { readonly trouble: "ownWrite"; readonly row: Nth; readonly value: string };

/** Trouble at one of the next calls of a process. */
export interface Trap {
  readonly port: "api" | "inbox" | "any";
  /** So many calls before it are left alone. */
  readonly after: number;
  /** Before the call is carried out, or behind it, before its answer arrives. */
  readonly when: "before" | "behind";
  readonly what: Trouble;
}

export type Step =
  | { readonly step: "edit"; readonly what: PlannedEdit }
  | { readonly step: "wait"; readonly ms: number }
  | { readonly step: "deliver"; readonly which: Nth; readonly how: "once" | "twice" | "lost" | "all" }
  | { readonly step: "work" }
  | { readonly step: "reconcile"; readonly reason: ReconcileReason }
  | { readonly step: "webhook"; readonly how: "silent" | "loud" | "disabled" | "enabled" }
  | { readonly step: "trap"; readonly trap: Trap };

/** How a world is, and what happens in it. */
export interface Plan {
  /** Of the simulator's random ids. */
  readonly seed: number;
  readonly pageSize: number;
  readonly rows: number;
  readonly skewMs: number;
  readonly hasDate: boolean;
  readonly hasModifiedAt: boolean;
  readonly assumptions: {
    readonly missingRowIds: "refused" | "left-out";
    readonly deletedRowVersion: "stays" | "grows";
    readonly resultEvents: "none" | "row";
    readonly newRowCells: "updated" | "created" | "none";
    readonly clearedCell: "deleted" | "updated";
  };
  /** Handlers write rows themselves. */
  readonly writes: boolean;
  /** Every nth call of a handler fails, once; 0 for none. */
  readonly failEvery: number;
  /** Callbacks that are still on their way come after the last comparison, not before it. */
  readonly isLate: boolean;
  readonly steps: readonly Step[];
}

const nth = fc.nat(11);
const text = fc.constantFrom("Rope", "Saw", "Nail", "write", "spawn", "clean");
const value = fc.oneof(text, fc.constantFrom("Open", "Done", 1, 2, 3.5, true, false, null, null));

const edit: fc.Arbitrary<PlannedEdit> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ edit: fc.constant("set" as const), row: nth, column: nth, value }) },
  {
    weight: 4,
    arbitrary: fc.record({
      edit: fc.constant("add" as const),
      item: fc.option(text),
      status: fc.constantFrom("Open", null),
      atTop: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ edit: fc.constant("blank" as const) }) },
  { weight: 2, arbitrary: fc.record({ edit: fc.constant("empty" as const), row: nth }) },
  { weight: 4, arbitrary: fc.record({ edit: fc.constant("delete" as const), row: nth }) },
  {
    weight: 3,
    arbitrary: fc.record({
      edit: fc.constant("move" as const),
      row: nth,
      to: fc.constantFrom("top" as const, "bottom" as const, "under" as const, "below" as const),
      other: nth,
    }),
  },
  { weight: 2, arbitrary: fc.record({ edit: fc.constant("result" as const), row: nth, value: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ edit: fc.constant("addColumn" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ edit: fc.constant("renameColumn" as const), column: nth, swaps: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ edit: fc.constant("removeColumn" as const), column: nth }) },
);

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      trouble: fc.constant("edits" as const),
      edits: fc.array(edit, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ trouble: fc.constant("kill" as const), isZombie: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ trouble: fc.constant("wakeZombies" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      trouble: fc.constant("status" as const),
      status: fc.constantFrom(429 as const, 500 as const, 502 as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ trouble: fc.constant("halfJson" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ trouble: fc.constant("leftOut" as const), row: nth, isCounted: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ trouble: fc.constant("wrongCount" as const), by: fc.constantFrom(-1, 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ trouble: fc.constant("ownWrite" as const), row: nth, value: fc.constantFrom("T-1", "T-2") }),
  },
);

const trap: fc.Arbitrary<Trap> = fc.record({
  port: fc.constantFrom("api" as const, "api" as const, "inbox" as const, "any" as const),
  after: fc.nat(14),
  when: fc.constantFrom("before" as const, "behind" as const),
  what: trouble,
});

const reason = fc.constantFrom("disabled" as const, "silent" as const, "scheduled" as const, "manual" as const);
const how = fc.constantFrom("once" as const, "twice" as const, "lost" as const, "all" as const, "all" as const);
const webhook = fc.constantFrom("silent" as const, "loud" as const, "disabled" as const, "enabled" as const);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ step: fc.constant("edit" as const), what: edit }) },
  {
    weight: 3,
    arbitrary: fc.record({ step: fc.constant("wait" as const), ms: fc.constantFrom(0, 400, 1000, 4000, 6000, 90_000) }),
  },
  { weight: 5, arbitrary: fc.record({ step: fc.constant("deliver" as const), which: nth, how }) },
  { weight: 5, arbitrary: fc.record({ step: fc.constant("work" as const) }) },
  { weight: 4, arbitrary: fc.record({ step: fc.constant("reconcile" as const), reason }) },
  { weight: 2, arbitrary: fc.record({ step: fc.constant("webhook" as const), how: webhook }) },
  { weight: 6, arbitrary: fc.record({ step: fc.constant("trap" as const), trap }) },
);

/** Draws plans. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(999),
  pageSize: fc.constantFrom(2, 3, 1, 5, 2000),
  rows: fc.nat(9),
  skewMs: fc.constantFrom(0, 0, -90_000, 90_000, -7_200_000, 7_200_000),
  hasDate: fc.constantFrom(true, true, true, false),
  hasModifiedAt: fc.constantFrom(true, true, true, true, false),
  assumptions: fc.record({
    missingRowIds: fc.constantFrom("refused" as const, "left-out" as const),
    deletedRowVersion: fc.constantFrom("stays" as const, "grows" as const),
    resultEvents: fc.constantFrom("none" as const, "row" as const),
    newRowCells: fc.constantFrom("updated" as const, "created" as const, "none" as const),
    clearedCell: fc.constantFrom("deleted" as const, "updated" as const),
  }),
  writes: fc.boolean(),
  failEvery: fc.constantFrom(0, 0, 2, 3),
  isLate: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 45, size: "max" }),
});
