import { identifier, prepared, type StatementContext } from "./sql.ts";

/** The statements of the webhooks' secrets. */
export function secretStatements({ schema }: Pick<StatementContext, "schema">) {
  const table = `${identifier(schema)}.secrets`;
  return {
    /** `sealed` is null if `known` is still the version. */
    load: prepared<[known: string | undefined], { readonly version: string; readonly sealed: string | null }>(
      `select version, case when version is distinct from $1::text then sealed end as sealed from ${table}`,
      (known) => [known ?? null],
    ),

    /** Gives a row unless another one has written since `before`. */
    replace: prepared<[version: string, sealed: string, before: string | undefined]>(
      `insert into ${table} as stored (id, version, sealed) values (1, $1::text, $2::text)
        on conflict (id) do update set version = excluded.version, sealed = excluded.sealed where stored.version = $3::text
        returning version`,
      (version, sealed, before) => [version, sealed, before ?? null],
    ),
  };
}
