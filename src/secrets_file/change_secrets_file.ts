import fs from "node:fs";
import { delay } from "../async/delay.ts";
import { parseSecretsFile, type SecretsByWebhook, secretsText, type StoredSecret } from "./stored_secrets.ts";

const RETRY_MS = 50;
const PATIENCE_MS = 10_000;

/** How the secrets file is locked. */
export interface LockOptions {
  /** How long one and the same lock may be in the way, in milliseconds. @default 10_000 */
  readonly patienceMs?: number;
}

/**
 * Reads the secrets file, lets `change` change what it says, and puts the new one in its place by a rename: whoever reads
 * it sees the old file or the new one, with mode 0600. Those who change it at the same time take turns.
 *
 * @throws {Error} if the file is broken or locked, or can't be written; it is as it was then
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
 * Reads the secrets file, and fails now if it couldn't be changed later, when a secret would be lost by that: the file is
 * replaced by itself, because a disk may be full, or the file a mount of its own, which no rename replaces.
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

/** @param textOf gets what the file holds (undefined: there is none), returns what it should hold (undefined: none) */
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
      fs.renameSync(next, path);
      isReplaced = true;
    } finally {
      if (!isReplaced) fs.rmSync(next, { force: true });
    }
  } catch (cause) {
    throw failed(file, cause);
  }
}

/**
 * Makes the file that becomes the new one. It is the lock, too: only one process can make it, and only that process
 * takes it away, by the rename. Nobody breaks the lock, however old it is: a process that was only suspended would go on
 * and write over what others have stored meanwhile.
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
          `is locked by ${next}, which is there since ${time}: if no "sheethook webhooks" command is running, one was ` +
            "killed in the middle; delete that file then, and run this again",
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

/** Reads the file, and its owner from the same descriptor; undefined if there is none. */
function readOld(path: string): OldFile | undefined {
  const named = fs.lstatSync(path, { throwIfNoEntry: false });
  if (!named) return undefined;
  const descriptor = fs.openSync(path, "r");
  try {
    const { dev, ino, uid, gid } = fs.fstatSync(descriptor);
    if (named.dev !== dev || named.ino !== ino) throw new Error("was replaced by somebody else while it was read");
    return { text: fs.readFileSync(descriptor, "utf8"), uid, gid };
  } finally {
    fs.closeSync(descriptor);
  }
}

/** root may make a webhook for a serve that isn't root. By the descriptor: behind a path may be any file meanwhile. */
function keepOwner(descriptor: number, { uid, gid }: OldFile): void {
  const own = fs.fstatSync(descriptor);
  if (own.uid === uid && own.gid === gid) return;
  try {
    fs.fchownSync(descriptor, uid, gid);
  } catch (cause) {
    // Who isn't root can't give a file away: it then belongs to whoever has changed it.
    if ((cause as NodeJS.ErrnoException).code !== "EPERM") throw cause;
  }
}

/**
 * Where the file is, behind a symbolic link. Only root's links are followed, and those of the file's own owner: by
 * anybody else's, root could be led to write into a folder of its own.
 */
function resolveLink(file: string): string {
  const link = fs.lstatSync(file, { throwIfNoEntry: false });
  if (!link?.isSymbolicLink()) return file;
  const path = fs.realpathSync(file);
  if (link.uid !== 0 && link.uid !== fs.lstatSync(path).uid) {
    throw new Error(`is a symbolic link of another user than the file that it leads to, ${path}: give that path`);
  }
  return path;
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: "its folder should be there, and this user should be able to write there",
  EBUSY: "it is a mount of its own, but its folder should be mounted",
  ENOSPC: "its disk is full",
};

function failed(file: string, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  const problem = code === undefined
    ? message
    : `can't be written (${code}; ${ADVICE[code] ?? ADVICE.EACCES}): secrets have no other place to go`;
  return new Error(`Secrets file ${file} ${problem}`, { cause });
}
