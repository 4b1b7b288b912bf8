import { SheethookError, show } from "../errors.ts";
import type { CallName } from "../inbox/inbox.ts";
import type { Tracing } from "../tracing_port.ts";
import type { Context } from "./context.ts";

/**
 * Results of completed steps, as JSON, by key: `[event, handler, name]` as JSON, where `event` counts from 0 (or is
 * `row/<id>`, `all` or `status`). `undefined` is stored as an empty text.
 */
export type Steps = Map<string, string>;

/** Stores one result; resolves when it is as safe as the inbox makes it. */
export type SaveStep = (key: string, json: string) => Promise<void>;

const MAX_BYTES = 256 * 1024;

/** Makes the `step` of each call of one attempt; `handler` is the identity of the handler that is called: see `Registered`. */
export type StepOf = (call: CallName, handler: string) => Context["step"];

export function createStepOf({ recorded, save, confirm, signal, tracing }: {
  /** What earlier attempts have recorded. */
  readonly recorded?: ReadonlyMap<string, string> | undefined;
  /** Without it, steps just run. */
  readonly save: SaveStep | undefined;
  /** Throws, or rejects, if the lease is lost. */
  readonly confirm: () => void | Promise<void>;
  readonly signal: AbortSignal;
  readonly tracing?: Tracing | undefined;
}): StepOf {
  let steps: Steps | undefined;

  async function run<Result>(key: string, name: string, fn: () => Result | Promise<Result>): Promise<Result> {
    await confirm();
    // Most callbacks have none.
    steps ??= new Map(recorded);
    const known = steps.get(key);
    if (known !== undefined) return parseResult(known) as Result;
    const result = await (tracing ? tracing.step(name, fn) : fn());
    if (!save) return result;
    const json = stringifyResult(name, result);
    signal.throwIfAborted();
    await save(key, json);
    steps.set(key, json);
    return parseResult(json) as Result;
  }

  return (call, handler) => {
    let used: Set<string> | undefined;
    return (name, fn) => {
      const problem = typeof name !== "string"
        ? `Name of a step is ${show(name)}, but should be a text`
        : used?.has(name)
        ? `Step "${name}" is used twice in one call: give each its own name`
        : undefined;
      (used ??= new Set()).add(name);
      // As JSON: a database may not keep half a surrogate pair, or what follows a NUL.
      const result = problem ? refuse(problem) : run(JSON.stringify([call, handler, name]), name, fn);
      // A step that nobody awaits must not end the process; an awaited one still rejects.
      result.catch(() => {});
      return result;
    };
  };
}

async function refuse(problem: string): Promise<never> {
  throw new SheethookError("step_invalid", problem);
}

function stringifyResult(name: string, result: unknown): string {
  if (result === undefined) return "";
  if (!survivesJson(result)) {
    throw new SheethookError(
      "step_invalid",
      `Result of step "${name}" wouldn't survive JSON: return plain objects, lists without holes, text, numbers`,
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

/**
 * False for what JSON would drop or change: a Date, a Map, NaN, a class of the user's, a cycle, a list with holes, a symbol as
 * a key. Not for a property that is undefined, which is left out, nor for -0, which becomes 0: neither makes a difference
 * to the reader.
 */
function survivesJson(value: unknown, parents: readonly unknown[] = []): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || parents.includes(value)) return false;
  const inside = [...parents, value];
  // A list has a key for each item and `length`, unless it has holes or properties of its own.
  if (Array.isArray(value)) {
    return Reflect.ownKeys(value).length === value.length + 1 && value.every((item) => survivesJson(item, inside));
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  if (Object.getOwnPropertySymbols(value).length) return false;
  return Object.values(value).every((item) => item === undefined || survivesJson(item, inside));
}
