import { SheethookError } from "../errors.ts";

/** Results of steps that ended, as JSON, by `call/"name"`; `undefined` is kept as an empty text. */
export type Steps = Map<string, string>;

/** Stores one result; resolves when it is as safe as the inbox makes it. */
export type SaveStep = (key: string, json: string) => Promise<void>;

const MAX_BYTES = 256 * 1024;

/**
 * The `step` of one call. `call` tells it apart from the other calls of its callback, and from what the same place was
 * before the registered patterns changed.
 */
export function createStep(
  call: string,
  steps: Steps,
  save: SaveStep | undefined,
  signal: AbortSignal,
): <Result>(name: string, fn: () => Result | Promise<Result>) => Promise<Result> {
  let used: Set<string> | undefined;
  async function step<Result>(name: string, fn: () => Result | Promise<Result>): Promise<Result> {
    used ??= new Set();
    if (used.has(name)) {
      throw new SheethookError("step_invalid", `Step "${name}" is used twice in one call: give each its own name`);
    }
    used.add(name);
    signal.throwIfAborted();
    // As JSON: a database may not give back half a surrogate pair, or what stands behind a NUL.
    const key = `${call}/${JSON.stringify(name)}`;
    const known = steps.get(key);
    if (known !== undefined) return parseResult(known) as Result;
    const result = await fn();
    if (!save) return result;
    const json = stringifyResult(name, result);
    signal.throwIfAborted();
    await save(key, json);
    steps.set(key, json);
    return parseResult(json) as Result;
  }
  return (name, fn) => {
    const result = step(name, fn);
    // One that nobody awaits must not end the process; who awaits it sees the error all the same.
    result.catch(() => {});
    return result;
  };
}

function stringifyResult(name: string, result: unknown): string {
  if (result === undefined) return "";
  if (!survivesJson(result)) {
    throw new SheethookError(
      "step_invalid",
      `Result of step "${name}" wouldn't survive JSON: return plain objects, lists, text, numbers`,
    );
  }
  const json = JSON.stringify(result);
  const bytes = new TextEncoder().encode(json).length;
  if (bytes > MAX_BYTES) {
    throw new SheethookError(
      "step_invalid",
      `Result of step "${name}" is ${bytes} bytes of JSON, but should be at most ${MAX_BYTES}`,
    );
  }
  return json;
}

function parseResult(json: string): unknown {
  return json ? JSON.parse(json) : undefined;
}

/** False for what JSON would drop or change without a word: a Date, a Map, NaN, a class of the user's, a cycle. */
function survivesJson(value: unknown, parents: readonly unknown[] = []): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || parents.includes(value)) return false;
  const inside = [...parents, value];
  if (Array.isArray(value)) return value.every((item) => survivesJson(item, inside));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  return Object.values(value).every((item) => item === undefined || survivesJson(item, inside));
}
