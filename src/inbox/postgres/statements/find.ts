import { conditionOf, stateIn } from "../../callback_condition.ts";
import type { CallbackFilter, DeadError } from "../../inspect.ts";
import { MOST_ERRORS } from "../../limits.ts";
import { identifier, type Statement, type StatementContext } from "./sql.ts";

/** Dead letters that have no dead call, by the first line of their error. */
export interface Uncalled {
  readonly line: string;
  readonly ids: readonly number[];
}

/** The statements that find callbacks by filters. */
export function findStatements({ schema }: StatementContext) {
  const s = identifier(schema);
  const both = `${s}.callbacks join ${s}.progress using (id, lane)`;
  const dead = stateIn(["dead"]);

  /**
   * @param only the ids of those that may match, if it is known
   * @returns the condition, and the values behind its parameters
   */
  function numbered(filter: CallbackFilter, only?: readonly number[]): { where: string; values: unknown[] } {
    const { where, values } = conditionOf(filter);
    let last = 0;
    const condition = where.replaceAll("?", () => `$${++last}`);
    return only
      ? { where: `${condition} and id = any ($${last + 1}::bigint[])`, values: [...values, only] }
      : { where: condition, values };
  }

  return {
    find(filter: CallbackFilter, limit: number | undefined): Statement<{ readonly id: number }> {
      const { where, values } = numbered(filter);
      return {
        text: `select id from ${both} where ${where} order by id desc limit $${values.length + 1}`,
        values: [...values, limit ?? null],
      };
    },

    /** @param uncalled dead letters of that error which have no dead call */
    findDead(
      filter: CallbackFilter,
      key: string,
      uncalled: readonly number[],
      limit: number | undefined,
    ): Statement<{ readonly id: number }> {
      const { where, values } = numbered(filter);
      const [first, second, third] = [1, 2, 3].map((number) => `$${values.length + number}`);
      return {
        text: `
          select id from ${both}
          where ${where} and ${dead} and (id = any (${second}::bigint[]) or id in (
            select errors.callback from ${s}.errors join ${s}.dead_calls calls
              on calls.callback = errors.callback and calls.error = errors.digest and calls.state = 'dead'
            where key = ${first}))
          order by id desc limit ${third}`,
        values: [...values, key, uncalled, limit ?? null],
      };
    },

    deadErrors(filter: CallbackFilter, only?: readonly number[]): Statement<DeadError> {
      const { where, values } = numbered(filter, only);
      return {
        text: `
          select key as error, count(distinct id) as callbacks, sum(count)::bigint as calls, max(id) as last
          from (
            select id, calls.error, count(*)
            from (select id from ${both} where ${where} and ${dead}) letters
              join ${s}.dead_calls calls on calls.callback = id and calls.state = 'dead'
            group by id, calls.error
          ) found join ${s}.errors on errors.callback = id and digest = found.error
          group by key order by calls desc, callbacks desc limit ${MOST_ERRORS}`,
        values,
      };
    },

    /** Dead letters without dead calls: nothing could be run, or a former version recorded them. */
    uncalled(filter: CallbackFilter, only?: readonly number[]): Statement<Uncalled> {
      const { where, values } = numbered(filter, only);
      return {
        text: `
          select split_part(ltrim(error, E' \\t\\n\\r\\f\\v'), E'\\n', 1) as line, array_agg(id) as ids
          from ${both} where ${where} and ${dead} and calls_dead = 0 and error is not null
          group by line`,
        values,
      };
    },
  };
}
