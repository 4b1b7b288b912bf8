import assert from "node:assert/strict";
import { test } from "node:test";
import { createSimulator, type SimulatorOptions } from "../../src/simulator/simulator.ts";
import { createSimulated } from "../support/simulated.ts";

test("createSimulator() refuses what can't be", () => {
  const refused: [Record<string, unknown>, RegExp][] = [
    [{ debounce: 5 }, /createSimulator\(\) has no option "debounce"/],
    [{ debounceMs: -1 }, /debounceMs is -1, but should be a number from 0/],
    [{ timeoutMs: 0 }, /timeoutMs is 0/],
    [{ clockSkewMs: "1 h" }, /clockSkewMs is "1 h", but should be a number from -31536000000 to 31536000000/],
    [{ clockSkewMs: 4e10 }, /clockSkewMs is 40000000000/],
    [{ speed: 0 }, /speed is 0, but should be a number of at least 0\.01/],
    [{ requestsPerMinute: 0 }, /requestsPerMinute is 0/],
    [{ faults: { rain: 1 } }, /faults is "rain", but should be one of duplicate, /],
    [{ faults: { burst: 2 } }, /faults: burst is 2, but should be a number from 0 to 1/],
    [{ assumptions: { weather: "fine" } }, /assumptions is "weather", but should be one of retryNonce, /],
    [{ assumptions: { retryNonce: "old" } }, /assumptions: retryNonce is "old", but should be new or same/],
    [{ assumptions: { retryBaseMs: 0 } }, /assumptions: retryBaseMs is 0/],
  ];
  for (const [options, message] of refused) {
    assert.throws(() => createSimulator(options as SimulatorOptions), { code: "option_invalid", message });
  }
});

test("createSimulator() is the same for the same seed", async () => {
  const run = async (seed: string | number) => {
    const { createSheet, enabledWebhook, simulator, idle, callbacks } = createSimulated({
      seed,
      now: () => 1.7e12,
      debounceMs: 0,
      faults: { duplicate: 0.5 },
    });
    const sheet = await createSheet();
    const { sharedSecret } = await enabledWebhook(sheet.id);
    for (let value = 0; value < 10; value++) {
      simulator.edit({ cells: [{ column: "A", value }] });
      await idle();
    }
    return JSON.stringify([sheet, sharedSecret, callbacks.map(({ text }) => text)]);
  };
  assert.equal(await run("a"), await run("a"));
  assert.notEqual(await run("a"), await run("b"));
});

test("createSimulator() gives ids that are safe integers, each once", async () => {
  const { createSheet, simulator } = createSimulated({ seed: 3 });
  const { id: sheetId } = await createSheet();
  const ids = Array.from({ length: 200 }, (_, value) => {
    return simulator.edit({ sheetId, cells: [{ column: "A", value }] }).rowIds[0]!;
  });
  assert.equal(new Set(ids).size, 200);
  assert.ok(ids.every((id) => Number.isSafeInteger(id) && String(id).length === 16));
});
