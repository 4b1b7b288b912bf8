import { identifier, prepared, type StatementContext } from "./sql.ts";

/** A view as its row says. */
export interface ViewRow {
  readonly name: string;
  readonly place: string;
  readonly sheet: number;
  readonly columns: string;
  readonly version: string;
  readonly problem: string | null;
}

/** A row of the mirror as jsonb, which knows neither the character 0 nor halves of surrogate pairs: JSON escapes just these. */
export const ROW_JSON = String.raw`
  (case when strpos(r.json, E'\\u') = 0 then r.json else
    regexp_replace(r.json, E'(?<!\\\\)((?:\\\\\\\\)*)\\\\u(?:0000|d[89a-f][0-9a-f]{2})', E'\\1\uFFFD', 'g')
  end)::jsonb`;

/** The statements of the views of sheets; those that make and drop them aren't prepared. */
export function viewStatements({ schema }: Pick<StatementContext, "schema">) {
  const s = identifier(schema);
  const view = `select name, place, sheet, columns, version, problem from ${s}.mirror_views`;
  return {
    all: prepared<[], ViewRow>(`${view} order by name`, () => []),

    ofSheet: prepared<[sheetId: number], ViewRow>(
      `${view} where sheet = $1::bigint order by name`,
      (sheetId) => [sheetId],
    ),

    /** The columns of a sheet that hold numbers, and nothing else. */
    numbers: prepared<[sheetId: number], { readonly id: number }>(
      `
      select (cell ->> 0)::bigint as id
      from ${s}.mirror_rows r, jsonb_array_elements(${ROW_JSON} -> 'cells') cell
      where sheet = $1::bigint
      group by 1
      having bool_or(jsonb_typeof(cell -> 1) = 'number') and bool_and(jsonb_typeof(cell -> 1) in ('number', 'null'))`,
      (sheetId) => [sheetId],
    ),

    /** Where a new view is made: where a name is looked for that says nothing else, else beside the inbox. */
    place: prepared<[name: string], {
      readonly place: string;
      readonly role: string;
      readonly isAllowed: boolean;
      readonly isKeyword: boolean;
      readonly taken: string | null;
    }>(
      `
      with chosen as (
        select coalesce(
          (select place from unnest(current_schemas(false)) with ordinality as path (place, number)
           where has_schema_privilege(place, 'create') order by number limit 1),
          $2::text) as place
      )
      select place, current_user::text as role, has_schema_privilege(place, 'create') as "isAllowed",
        exists (select from pg_get_keywords() where word = $1::text and catcode in ('R', 'T')) as "isKeyword",
        (select case relkind when 'v' then 'a view' when 'i' then 'an index' when 'S' then 'a sequence' else 'a table' end
         from pg_class join pg_namespace on pg_namespace.oid = relnamespace
         where relname = $1::text and nspname in (place, $2::text) limit 1) as taken
      from chosen`,
      (name) => [name, schema],
    ),

    forget: prepared<[sheetId: number, name: string], { readonly name: string }>(
      `delete from ${s}.mirror_views where sheet = $1::bigint and name = $2::text returning name`,
      (sheetId, name) => [sheetId, name],
    ),
  };
}
