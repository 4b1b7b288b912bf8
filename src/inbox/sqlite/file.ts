import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { platform } from "node:os";

/**
 * Makes the file of an inbox, unless it is there, with mode 0600: it holds callbacks. SQLite gives `-wal` and `-shm` the mode
 * of the file.
 *
 * @throws {Error} for a path that SQLite doesn't take for a file
 */
export function makePrivateFile(path: string): void {
  if (typeof path !== "string" || path === "" || path === ":memory:" || path.startsWith("file:")) {
    throw new Error("its path should be that of a file on a disk of this machine");
  }
  // An existing file isn't opened: closing it would end the locks that SQLite has on it in this process.
  if (!make(path, "wx") && !existsSync(path)) make(path, "a"); // A link to a file that isn't there.
}

/** @returns false if it fails; SQLite fails then, too, and its message is explained */
function make(path: string, flags: "wx" | "a"): boolean {
  try {
    closeSync(openSync(path, flags, 0o600));
    return true;
  } catch {
    return false;
  }
}

/** The mode of a file that other users of this machine can read or write, such as `644`. */
export function modeForOthers(path: string): string | undefined {
  const { mode } = statSync(path);
  // Windows has other rules, and the same mode for all files.
  return mode & 0o006 && platform() !== "win32" ? (mode & 0o777).toString(8) : undefined;
}
