import { messageOf, SheethookError } from "../../errors.ts";
import type { MirrorView, MirrorViews, MirrorWrite } from "../mirror.ts";
import { numbersIn, viewColumns } from "../view/columns.ts";
import { keywordError, nameError, requireViewName, sheetError, takenError } from "../view/name.ts";
import type { PostgresConnection } from "./connection.ts";
import { codeOf } from "./problems.ts";
import { mirrorStatements } from "./statements/mirror.ts";
import type { Statement, StatementContext } from "./statements/sql.ts";
import { type ViewRow, viewStatements } from "./statements/views.ts";
import { dropView, qualified, renewView } from "./view_text.ts";

/** Postgres cuts longer names. */
const MAX_NAME_BYTES = 63;
/** How often a view is tried again to be made, because the sheet is written meanwhile. */
const TRIES = 20;

/** The views of a Postgres inbox. */
export function createPostgresViews(connection: PostgresConnection, context: StatementContext): MirrorViews {
  const { schema } = context;
  const { lockSheet, sheet: sheetStatement } = mirrorStatements(context);
  const statements = viewStatements(context);

  async function placeOf(sheetId: number, name: string): Promise<string> {
    const [[found], views] = await connection.transaction(statements.place(name), statements.all());
    const { place, role, isAllowed, isKeyword, taken } = found!;
    const known = views.find((view) => view.name === name);
    if (known && known.sheet !== sheetId) throw takenError(name, `a view of sheet ${known.sheet}`);
    if (known) return known.place;
    if (isKeyword) throw keywordError(name);
    if (taken) throw takenError(name, taken);
    if (isAllowed) return place;
    const grant = `grant create on schema "${schema}" to "${role}"`;
    const text = `Postgres doesn't let the user make a view: the owner of the schema should run ${grant}`;
    throw new SheethookError("inbox_unusable", text);
  }

  /** Undefined if the sheet was written meanwhile. */
  async function tryToCreate(sheetId: number, name: string, place: string): Promise<MirrorView | undefined> {
    const [[sheet], numbers] = await connection.transaction(sheetStatement(sheetId), statements.numbers(sheetId));
    if (!sheet) throw sheetError(sheetId);
    const ids = new Set(numbers.map(({ id }) => id));
    const columns = viewColumns(sheet.info, { numbers: ids, maxBytes: MAX_NAME_BYTES });
    const version = crypto.randomUUID();
    const definition = { name, place, sheetId, columns, version };
    const { revision } = sheet;
    const [, , views] = await connection.transaction(
      lockSheet(sheetId),
      renewView(schema, definition, { revision, failing: true }),
      statements.ofSheet(sheetId),
    );
    const made = views.find((view) => view.version === version);
    return made && viewOf(made);
  }

  return {
    list: async () => (await connection.transaction(statements.all()))[0].map(viewOf),

    async create(sheetId, given) {
      const name = requireViewName(given);
      const place = await placeOf(sheetId, name);
      try {
        for (let tries = 1; tries <= TRIES; tries++) {
          const view = await tryToCreate(sheetId, name, place);
          if (view) return view;
        }
      } catch (error) {
        throw explainRefusal(error, name, place);
      }
      throw new SheethookError("inbox_away", `Sheet ${sheetId} is written all the time: try again later`);
    },

    async drop(sheetId, given) {
      const name = requireViewName(given);
      const [views] = await connection.transaction(statements.ofSheet(sheetId));
      const view = views.find((view) => view.name === name);
      if (!view) return false;
      try {
        await connection.transaction(dropView(view.place, name), statements.forget(sheetId, name));
      } catch (error) {
        throw explainRefusal(error, name, view.place);
      }
      return true;
    },
  };
}

/** What makes the views of a sheet anew whose columns aren't those of a write. */
export function renewals(schema: string, { sheet, rows }: MirrorWrite, views: readonly ViewRow[]): Statement[] {
  return views.flatMap(({ name, place, columns: text }) => {
    const columns = viewColumns(sheet.info, { numbers: numbersIn(JSON.parse(text), rows), maxBytes: MAX_NAME_BYTES });
    if (JSON.stringify(columns) === text) return [];
    const definition = { name, place, sheetId: sheet.id, columns, version: crypto.randomUUID() };
    return [renewView(schema, definition, { failing: false })];
  });
}

/** What a write says of the views that it goes by. */
export function versionsOf(views: readonly ViewRow[]): string {
  return views.map(({ version }) => version).join(" ");
}

function viewOf({ name, place, sheet, columns, problem }: ViewRow): MirrorView {
  return { name, from: qualified(place, name), sheetId: sheet, columns: JSON.parse(columns), problem };
}

/** dependent_objects_still_exist, insufficient_privilege, duplicate_table, wrong_object_type, lock_not_available */
const REFUSALS: Readonly<Record<string, string>> = {
  "2BP01": "that nothing else depends on: drop that first",
  "42501": "that this user owns",
  "42P07": "that the database doesn't have yet",
  "42809": "that the database doesn't have yet",
  "55P03": "that nobody reads at the moment: try again",
};

function explainRefusal(error: unknown, name: string, place: string): unknown {
  const meaning = REFUSALS[codeOf(error)];
  return meaning ? nameError(qualified(place, name), `a view ${meaning} (${messageOf(error)})`) : error;
}
