/** `npm run build`: dist/ anew, so that no file of an older build is packed. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { root, runCommand } from "./run_command.ts";

await rm(join(root, "dist"), { recursive: true, force: true });
const { code } = await runCommand(["tsc", "-p", "test/tsconfig.build.json"], { show: true });
process.exitCode = code ?? 1;
