import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Child } from "./runtime.ts";
import { withFolder } from "./run_cli.ts";

/** A folder that takes little more than 2 MB. */
export interface SmallDisk {
  readonly folder: string;
  /** What a program has to be started through, so that its files can't grow further. */
  readonly through: readonly string[];
  /** Makes room, while the program runs. */
  free(program: Child): Promise<void>;
}

/** A way to have a disk that is full soon, without filling the machine's own. */
export interface SmallDiskKind {
  readonly name: string;
  with(use: (disk: SmallDisk) => Promise<void>): Promise<void>;
}

/** What this machine and this user can do of it. */
export function smallDiskKinds(): SmallDiskKind[] {
  return [
    ...(succeeds("prlimit", "--version") && succeeds("sh", "-c", "ulimit -S -f 4096") ? [fileSizeLimit] : []),
    ...(canMount() ? [fileSystem] : []),
  ];
}

/** Whether this user may mount: root, unless a container keeps it from that. */
export function canMount(): boolean {
  return process.platform === "linux" && succeeds("unshare", "--mount", "mount", "-t", "tmpfs", "none", tmpdir());
}

/** Runs `use` with a folder that is a file system of its own; gone afterwards. */
export function withMount(size: string, use: (folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (parent) => {
    const folder = join(parent, "mounted");
    await mkdir(folder);
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", folder]);
    try {
      await use(folder);
    } finally {
      // Lazily: it is in use by what a failed test has left running.
      execFileSync("umount", ["--lazy", folder]);
    }
  });
}

/** Files that can't grow over 2 MB (4096 blocks), by the soft limit, which is lifted from outside. */
const fileSizeLimit: SmallDiskKind = {
  name: "a limit on its files",
  with: (use) =>
    withFolder((folder) =>
      use({
        folder,
        // Not all runtimes ignore the signal by themselves.
        through: ["sh", "-c", `trap "" XFSZ; ulimit -S -f 4096; exec "$@"`, "sh"],
        free: async ({ pid }) => void execFileSync("prlimit", ["--pid", String(pid), "--fsize=unlimited:unlimited"]),
      })
    ),
};

const fileSystem: SmallDiskKind = {
  name: "a file system of its own",
  with: (use) =>
    withMount("24m", async (folder) => {
      const rest = join(folder, "something_else");
      await writeFile(rest, new Uint8Array(21 * 1024 * 1024));
      await use({ folder, through: [], free: () => writeFile(rest, "") });
    }),
};

function succeeds(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
