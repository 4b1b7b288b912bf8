import { messageOf, SheethookError } from "../../errors.ts";

/** How long another process may lock the file. */
export const LOCKED_MS = 2000;

/** The meanings of SQLite's messages, with remedies. Not by `errcode`, which not every runtime has. */
const MEANINGS: readonly { readonly message: RegExp; readonly meaning: (path: string) => string }[] = [
  { message: /locked|busy/i, meaning: () => "another process has locked it for over 2 s" },
  { message: /is full/i, meaning: () => "its disk is full" },
  { message: /readonly|read-only/i, meaning: () => "it is read-only, but it and its folder should be writable" },
  {
    message: /unable to open/i,
    meaning: () => "its folder should be there, and this user should be able to write to both",
  },
  {
    message: /malformed|not a database|corrupt/i,
    meaning: (path) =>
      `it is corrupt. What to do:
  1. stop all that uses it, and keep a copy of it, with the files beside it (-wal, -shm);
  2. if it never was an inbox, name another file;
  3. else save what can be saved: sqlite3 ${path} .recover | sqlite3 saved.db
     (that of sqlite.org, if yours says "SQL logic error": not every build can do it)
  4. look at what was saved: sheethook inbox stats --inbox sqlite:saved.db, and go on with that file`,
  },
];

/** An error that says what is wrong with the file at `path`, and what to do. */
export function explainProblem(path: string, cause: unknown): SheethookError {
  if (cause instanceof SheethookError) return cause;
  const message = messageOf(cause);
  const found = MEANINGS.find((known) => known.message.test(message));
  const reason = found ? `${message}: ${found.meaning(path)}` : message;
  return new SheethookError("inbox_unusable", `Inbox ${JSON.stringify(path)} can't be used: ${reason}`, { cause });
}

/** Whether the file is the problem, not the values that should be written to it. */
export function isAboutFile(error: unknown): boolean {
  const message = messageOf(error);
  return /I\/O/.test(message) || MEANINGS.some((known) => known.message.test(message));
}

/** Whether another process has locked the file, so that a retry may succeed. */
export function isLocked(error: unknown): boolean {
  return MEANINGS[0]!.message.test(messageOf(error));
}
