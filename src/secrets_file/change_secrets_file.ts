import fs from "node:fs";
import { delay } from "../async/delay.ts";
import { renameOver } from "./rename_over.ts";
import { parseSecretsFile, type SecretsByWebhook, secretsText, type StoredSecret } from "./stored_secrets.ts";

const RETRY_MS = 50;
const PATIENCE_MS = 10_000;

/** Options of the lock on the secrets file. */
export interface LockOptions {
  /** How long to wait for the same lock, in milliseconds. @default 10_000 */
  readonly patienceMs?: number;
}

/**
 * Reads the secrets file, applies `change`, and replaces the file by a rename: readers see the old file or the new one,
 * with mode 0600. Concurrent changes take turns.
 *
 * @throws {Error} if the file is invalid or locked, or can't be written; it then stays as it was
 */
export async function changeSecretsFile(
  file: string,
  change: (secrets: Map<number, readonly StoredSecret[]>) => void,
  options?: LockOptions,
): Promise<void> {
  await replaceFile(file, (text) => {
    const secrets = new Map(text === undefined ? [] : parseSecretsFile(text));
    change(secrets);
    return secretsText(secrets);
  }, options);
}

/**
 * Reads the secrets file, and checks that it can be changed, before a later failure could lose a secret. It replaces the
 * file with a copy, because the disk may be full, or the file may be a mount, which a rename can't replace.
 *
 * @throws {Error}
 */
export async function requireSecretsFile(file: string, options?: LockOptions): Promise<SecretsByWebhook> {
  let secrets: SecretsByWebhook = new Map();
  await replaceFile(file, (text) => {
    if (text !== undefined) secrets = parseSecretsFile(text);
    return text;
  }, options);
  return secrets;
}

/** @param textOf maps the file's text (undefined: no file) to its new text (undefined: leave it as it is) */
async function replaceFile(
  file: string,
  textOf: (text: string | undefined) => string | undefined,
  { patienceMs = PATIENCE_MS }: LockOptions = {},
): Promise<void> {
  try {
    const path = resolveLink(file);
    const next = `${path}.new`;
    const descriptor = await openLocked(next, patienceMs);
    let isReplaced = false;
    try {
      try {
        const old = readOld(path);
        const text = textOf(old?.text);
        if (text === undefined) return;
        fs.writeFileSync(descriptor, text);
        if (old) keepOwner(descriptor, old);
        fs.fsyncSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
      await renameOver(next, path);
      isReplaced = true;
    } finally {
      if (!isReplaced) fs.rmSync(next, { force: true });
    }
  } catch (cause) {
    throw failed(file, cause);
  }
}

/**
 * Creates the file that replaces the old one. It is also the lock: only one process can create it, and that process
 * removes it by the rename. An old lock is never broken, because its process may only be suspended, and would later
 * overwrite what others have stored.
 */
async function openLocked(next: string, patienceMs: number): Promise<number> {
  let holder: string | undefined;
  let since = 0;
  while (true) {
    try {
      return fs.openSync(next, "wx", 0o600);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
      const stats = fs.lstatSync(next, { throwIfNoEntry: false });
      const found = stats && `${stats.ino} ${stats.birthtimeMs}`;
      if (found !== holder) since = performance.now();
      holder = found;
      if (stats && performance.now() - since >= patienceMs) {
        const time = stats.mtime.toISOString();
        throw new Error(
          `is locked by ${next}, created at ${time}: if no "sheethook webhooks" command is running, one was killed; ` +
            "delete that file, and run this again",
        );
      }
      await delay(RETRY_MS);
    }
  }
}

interface OldFile {
  readonly text: string;
  readonly uid: number;
  readonly gid: number;
}

/** Reads the file and its owner, from one descriptor; undefined without a file. */
function readOld(path: string): OldFile | undefined {
  const named = fs.lstatSync(path, { throwIfNoEntry: false });
  if (!named) return undefined;
  const descriptor = fs.openSync(path, "r");
  try {
    const opened = fs.fstatSync(descriptor);
    const { uid, gid } = opened;
    if (!isSameFile(named, opened)) throw new Error("was replaced by another process while it was read");
    return { text: fs.readFileSync(descriptor, "utf8"), uid, gid };
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Node before 22.17 and 24.2 tells a path's `dev` as 0 on Windows. */
export function isSameFile(named: Identity, opened: Identity): boolean {
  return named.ino === opened.ino && (named.dev === opened.dev || !named.dev || !opened.dev);
}

/** What `stat` tells of which file it is. */
type Identity = Pick<fs.Stats, "dev" | "ino">;

/** Keeps the file's owner when root changes it. It uses the descriptor, because the path may lead to another file by now. */
function keepOwner(descriptor: number, { uid, gid }: OldFile): void {
  const own = fs.fstatSync(descriptor);
  if (own.uid === uid && own.gid === gid) return;
  try {
    fs.fchownSync(descriptor, uid, gid);
  } catch (cause) {
    // Only root can change the owner; otherwise the file belongs to the user who changed it.
    if ((cause as NodeJS.ErrnoException).code !== "EPERM") throw cause;
  }
}

/**
 * Resolves a symbolic link. It has to belong to root or to the file's owner: another user's link could lead root to write
 * into one of its own folders.
 */
function resolveLink(file: string): string {
  const link = fs.lstatSync(file, { throwIfNoEntry: false });
  if (!link?.isSymbolicLink()) return file;
  const path = fs.realpathSync(file);
  if (link.uid !== 0 && link.uid !== fs.lstatSync(path).uid) {
    throw new Error(`is a symbolic link that belongs to another user than its target ${path}: name the target instead`);
  }
  return path;
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: "its folder should be there, and this user should be able to write there",
  EBUSY: "the file itself is mounted, but its folder should be",
  ENOSPC: "its disk is full",
};

function failed(file: string, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  const problem = code === undefined
    ? message
    : `can't be written (${code}; ${ADVICE[code] ?? ADVICE.EACCES}): secrets have no other place to go`;
  return new Error(`Secrets file ${file} ${problem}`, { cause });
}
