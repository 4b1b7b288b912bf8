import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { setTimeout } from "node:timers/promises";
import { readSecretsFile, type SecretsByWebhook, type StoredSecret } from "./secrets_file.ts";

const WAIT_MS = 50;
const STALE_MS = 10_000;

/**
 * Reads the secrets file, lets `change` change what it says, and puts the new one in its place by a rename: whoever reads
 * it sees the old file or the new one, with mode 0600. Those who change it at the same time take turns.
 *
 * @throws {Error} if the file is broken or can't be written; it is as it was then
 */
export async function changeSecretsFile(
  file: string,
  change: (secrets: Map<number, readonly StoredSecret[]>) => void,
): Promise<void> {
  await replaceFile(file, (path) => {
    const secrets = new Map(existsSync(path) ? readSecretsFile(path) : []);
    change(secrets);
    return secretsText(secrets);
  });
}

/**
 * Reads the secrets file, and fails now if it couldn't be changed later, when a secret would be lost by that: one that is
 * there is replaced by itself, because a disk may be full, or the file a mount of its own, which no rename replaces.
 *
 * @throws {Error}
 */
export async function requireSecretsFile(file: string): Promise<SecretsByWebhook> {
  let secrets: SecretsByWebhook = new Map();
  if (existsSync(file)) {
    await replaceFile(file, (path) => {
      secrets = readSecretsFile(path);
      return readFileSync(path, "utf8");
    });
  } else {
    const next = `${file}.new`;
    closeSync(await openAlone(next));
    rmSync(next, { force: true });
  }
  return secrets;
}

async function replaceFile(file: string, textOf: (path: string) => string): Promise<void> {
  const path = existsSync(file) ? realpathSync(file) : file;
  // Nobody else can make it while it is there: it is the lock, too. Whoever has it needs milliseconds, without a turn of
  // the event loop.
  const next = `${path}.new`;
  while (true) {
    const descriptor = await openAlone(next);
    let isOurs = true;
    try {
      try {
        writeFileSync(descriptor, textOf(path));
        fsyncSync(descriptor);
        // Two who find the same one left over take it away twice, and one of them what the other has just made.
        isOurs = statSync(next, { throwIfNoEntry: false })?.ino === fstatSync(descriptor).ino;
      } finally {
        closeSync(descriptor);
      }
      if (!isOurs) continue;
      keepOwner(path, next);
      renameSync(next, path);
      return;
    } catch (cause) {
      if (isOurs) rmSync(next, { force: true });
      throw failed(file, cause);
    }
  }
}

async function openAlone(next: string): Promise<number> {
  for (let waited = 0;; waited += WAIT_MS) {
    try {
      return openSync(next, "wx", 0o600);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw failed(next.replace(/\.new$/, ""), cause);
      // Whoever made it needs milliseconds: it was killed in them.
      if (ageOf(next) >= STALE_MS || waited >= STALE_MS) rmSync(next, { force: true });
      else await setTimeout(WAIT_MS);
    }
  }
}

function ageOf(path: string): number {
  const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return Date.now() - mtimeMs;
}

// root may make a webhook for a serve that isn't root.
function keepOwner(path: string, next: string): void {
  try {
    const { uid, gid } = statSync(path);
    chownSync(next, uid, gid);
  } catch { /* There is none yet, or it is ours anyway. */ }
}

function secretsText(secrets: SecretsByWebhook): string {
  const entries = [...secrets].map(([id, stored]) => {
    const items = stored.map(({ secret, until }) =>
      until === undefined ? secret : { secret, until: new Date(until).toISOString() }
    );
    return [id, items.length === 1 && typeof items[0] === "string" ? items[0] : items];
  });
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: "its folder should be there, and this user should be able to write there",
  EBUSY: "it is a mount of its own, but its folder should be mounted",
  ENOSPC: "its disk is full",
};

function failed(file: string, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  const problem = code === undefined ? message : `can't be written (${code}; ${ADVICE[code] ?? ADVICE.EACCES})`;
  return new Error(`Secrets file ${file} ${problem}: secrets have no other place to go`, { cause });
}
