import type { DatabaseSync } from "node:sqlite";

type Value = number | string | null;

/** Runs statements that are rare: each is prepared when it is needed. */
export interface Queries {
  /** @returns how many rows have changed */
  run(text: string, ...values: (Value | Readonly<Record<string, Value>>)[]): number;
  get<Row>(text: string, ...values: Value[]): Row | undefined;
  all<Row>(text: string, ...values: (Value | Readonly<Record<string, Value>>)[]): Row[];
}

export function createQueries(database: DatabaseSync): Queries {
  return {
    run: (text, ...values) => Number(database.prepare(text).run(...values as Value[]).changes),
    get: <Row>(text: string, ...values: Value[]) => database.prepare(text).get(...values) as Row | undefined,
    all: <Row>(text: string, ...values: (Value | Readonly<Record<string, Value>>)[]) =>
      database.prepare(text).all(...values as Value[]) as Row[],
  };
}
