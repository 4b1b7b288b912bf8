import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../../../src/async/delay.ts";
import { createProgressLine } from "../../../src/cli/terminal/progress_line.ts";

async function written(isTTY: boolean): Promise<string> {
  let text = "";
  const write = (part: string | Uint8Array) => {
    text += part;
    return true;
  };
  const line = createProgressLine({ isTTY, columns: 20, write });
  for (const step of ["10 of 1000 sheets", "20 of 1000 sheets, which is a long line"]) {
    await delay(150);
    line.show(step);
  }
  line.clear();
  line.clear();
  return text;
}

test("progress is one line on a terminal, which is replaced, cut and taken away", async () => {
  assert.equal(await written(true), "\r10 of 1000 sheets\x1b[K\r20 of 1000 sheets,…\x1b[K\r\x1b[K");
});

test("progress is a line now and then where there is no terminal", async () => {
  assert.equal(await written(false), "");
});
