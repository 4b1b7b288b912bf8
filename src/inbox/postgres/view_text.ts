import type { ViewColumn, ViewColumnKind } from "../mirror.ts";
import { identifier, literal, type Statement } from "./statements/sql.ts";
import { ROW_JSON } from "./statements/views.ts";

/** What a view should be. */
export interface ViewDefinition {
  readonly name: string;
  readonly place: string;
  readonly sheetId: number;
  readonly columns: readonly ViewColumn[];
  /** Differs for each definition. */
  readonly version: string;
}

/** How long a write waits for queries that read the view. */
const LOCK_TIMEOUT = "1s";

/**
 * Makes a view anew, or makes it, if the sheet has a revision then: the one that this transaction has drawn, or a given one. If it
 * can be changed in place, what depends on it stays; else it is dropped and made, with the same grants.
 *
 * @param failing whether what Postgres says against it fails the transaction, or is stored as the view's problem
 */
export function renewView(
  schema: string,
  { name, place, sheetId, columns, version }: ViewDefinition,
  { revision, failing }: { readonly revision?: number; readonly failing: boolean },
): Statement {
  const s = identifier(schema);
  const view = qualified(place, name);
  const definition = `view ${view} as ${selectText(s, sheetId, columns)}`;
  const json = literalWithEscapes(JSON.stringify(columns));
  return oneOff(`
    declare
      granted text[];
      each text;
    begin
      if not exists (
        select from ${s}.mirror_sheets
        where id = ${sheetId} and revision = ${revision ?? `currval(${literal(`${s}.revisions`)})`}
      ) then return; end if;
      begin
        perform set_config('lock_timeout', '${LOCK_TIMEOUT}', true);
        begin
          create or replace ${definition};
        exception when invalid_table_definition then
          select array_agg(format('grant %s on ${view.replaceAll("%", "%%")} to %s%s', privilege_type,
            case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
            case when is_grantable then ' with grant option' else '' end)) into granted
          from pg_class, aclexplode(relacl) where pg_class.oid = ${literal(view)}::regclass and grantee <> relowner;
          drop view ${view};
          create ${definition};
          foreach each in array coalesce(granted, '{}') loop execute each; end loop;
        end;
        perform set_config('lock_timeout', '0', true);
        insert into ${s}.mirror_views (name, place, sheet, columns, version)
        values (${literal(name)}, ${literal(place)}, ${sheetId}, ${json}, ${literal(version)})
        on conflict (name) do update set columns = excluded.columns, version = excluded.version, problem = null;
      ${
    failing ? "" : `exception when others then
        update ${s}.mirror_views set problem = sqlerrm where name = ${literal(name)};`
  }
      end;
    end`);
}

export function dropView(place: string, name: string): Statement {
  return { text: `drop view if exists ${qualified(place, name)}`, values: [], isOneOff: true };
}

/** As it stands behind `from`. */
export function qualified(place: string, name: string): string {
  return `${/^[a-z_][a-z0-9_]*$/.test(place) ? place : identifier(place)}.${name}`;
}

function oneOff(block: string): Statement {
  // Titles may hold any quote.
  const tag = `$view_${crypto.randomUUID().replaceAll("-", "")}$`;
  return { text: `do ${tag} ${block} ${tag}`, values: [], isOneOff: true };
}

/** Each row's cells become one object by column id, once. */
function selectText(s: string, sheetId: number, columns: readonly ViewColumn[]): string {
  const own = [
    "r.id as row_id",
    "(j.row ->> 'rowNumber')::bigint as row_number",
    "(j.row ->> 'parentId')::bigint as parent_id",
    `${VALUES.instant("j.row", "modifiedAt")} as modified_at`,
  ];
  const titles = columns.map(({ name, columnId, kind }) =>
    `${VALUES[kind]("c.cells", String(columnId))} as ${identifier(name)}`
  );
  return `
    select ${[...own, ...titles].join(",\n      ")}
    from ${s}.mirror_rows r
    cross join lateral (select ${ROW_JSON} as row offset 0) j
    cross join lateral (
      select jsonb_object_agg(cell ->> 0, cell -> 1) as cells from jsonb_array_elements(j.row -> 'cells') cell
    ) c
    where r.sheet = ${sheetId}`;
}

const YEAR = "(?!0000)[0-9]{4}";
const LEAP_YEAR = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26]|0[48])00)";
const MONTH_AND_DAY =
  "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))";
const DATE = `(${YEAR}-${MONTH_AND_DAY}|${LEAP_YEAR}-02-29)`;
const TIME = "T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?";
const ZONE = "(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])";

/** A text that looks right but isn't, such as 30 February, would fail the whole query: so it is checked to the day. */
const checked = (pattern: string, type: string) => (object: string, key: string) =>
  `case when ${object} ->> '${key}' ~ '^${pattern}$' then (${object} ->> '${key}')::${type} end`;
const typed = (json: string, type: string) => (object: string, key: string) =>
  `case jsonb_typeof(${object} -> '${key}') when '${json}' then (${object} -> '${key}')::${type} end`;

const VALUES: Readonly<Record<ViewColumnKind, (object: string, key: string) => string>> = {
  text: (object, key) => `${object} ->> '${key}'`,
  number: typed("number", "numeric"),
  boolean: typed("boolean", "boolean"),
  date: checked(DATE, "date"),
  time: checked(`${DATE}(${TIME}${ZONE}?)?`, "timestamp"),
  instant: checked(`${DATE}${TIME}${ZONE}`, "timestamptz"),
  contact: (object, key) => `coalesce(${object} -> '${key}' ->> 'email', ${object} ->> '${key}')`,
  list: (object, key) => `nullif(${object} -> '${key}', 'null')`,
};

function literalWithEscapes(text: string): string {
  return `E${literal(text.replaceAll("\\", "\\\\"))}`;
}
