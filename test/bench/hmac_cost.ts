/** `hmac_cost.ts BYTES`: answers each line on stdin with the CPU time of one HMAC of a body of that size, in ms. */
import { createHmac } from "node:crypto";
import process from "node:process";
import { createInterface } from "node:readline";
import { SECRET } from "./fixture.ts";

const body = new Uint8Array(Number(process.argv[2])).fill(120);
const TIMES = 4;

function costMs(): number {
  const before = process.cpuUsage();
  for (let time = 0; time < TIMES; time++) createHmac("sha256", SECRET).update(body).digest("hex");
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / TIMES;
}

console.log(costMs());
createInterface(process.stdin).on("line", () => console.log(costMs())).on("close", () => process.exit(0));
