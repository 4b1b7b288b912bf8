import type { Assumptions } from "../../assumptions.ts";
import type { Actor } from "../../event.ts";
import type { Strikes } from "../../faults.ts";
import type { Random } from "../../random.ts";
import type { Account } from "../account.ts";
import type { Row, Sheet } from "../sheet.ts";
import type { CellSource } from "../values/parse_cells.ts";

/** What changes of rows need. */
export interface RowContext extends CellSource {
  readonly actor: Actor;
  readonly at: number;
  readonly random: Random;
  readonly assumptions: Assumptions;
  readonly strikes: Strikes;
}

/** Gathers them. */
export function rowContext(
  sheet: Sheet,
  actor: Actor,
  { sheets, settings }: Account,
  how: { readonly isEdit?: boolean; readonly overridesValidation?: boolean } = {},
): RowContext {
  const { random, assumptions, strikes, now } = settings;
  return {
    sheet,
    actor,
    at: now(),
    random,
    assumptions,
    strikes,
    isEdit: how.isEdit ?? false,
    overridesValidation: how.overridesValidation ?? false,
    nameOfSheet: (id) => sheets.get(id).name,
  };
}

/** Makes a row without cells, which isn't in the sheet yet. */
export function createRow(given: Readonly<Record<string, unknown>>, context: RowContext): Row {
  const { sheet, actor, at, random, assumptions, strikes } = context;
  return {
    id: random.id(),
    createdAt: at,
    visibleFrom: strikes("late-row") ? at + assumptions.lateRowMs : at,
    createdBy: actor.userId,
    modifiedAt: at,
    modifiedBy: actor.userId,
    parentId: undefined,
    expanded: given.expanded !== false,
    locked: given.locked === true,
    autoNumber: sheet.rowsAdded++,
    cells: new Map(),
  };
}
