/** Looks a secret up, and ends by itself. */
import process from "node:process";
import { secretsFile } from "../../src/secrets_file/secrets_file.ts";

console.log(secretsFile(process.argv[2]!)(1)?.join());
