import { createHash } from "node:crypto";
import { codeOf } from "./problems.ts";

/** Names for prepared statements: a connection parses a named statement once. */
export interface StatementNames {
  /** Undefined once a pooler has mixed up what was prepared. */
  nameOf(text: string): string | undefined;
  /**
   * Ends naming if the error says that Postgres doesn't know a name on this connection, or knows it already.
   *
   * @returns whether it was such an error: then the statements should be tried again on the same connection
   */
  giveUp(error: unknown): boolean;
}

/** @param onGivenUp called once */
export function createStatementNames(onGivenUp: () => void = () => {}): StatementNames {
  const names = new Map<string, string>();
  let isGivenUp = false;
  return {
    nameOf(text) {
      if (isGivenUp) return undefined;
      // The same for the same text in every process: with another text behind a name, a pooler would run the wrong one.
      const name = names.get(text) ?? `sheethook_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
      names.set(text, name);
      return name;
    },

    giveUp(error) {
      // invalid_sql_statement_name, duplicate_prepared_statement
      if (!/^(26000|42P05)$/.test(codeOf(error))) return false;
      if (!isGivenUp) {
        isGivenUp = true;
        onGivenUp();
      }
      return true;
    },
  };
}
