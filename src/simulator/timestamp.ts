import type { Assumptions } from "./assumptions.ts";

/** As callbacks have it, with milliseconds. */
export function callbackTimestamp(ms: number, format: Assumptions["timestampFormat"]): string {
  return new Date(ms).toISOString().replace(/Z$/, format);
}

/** As events have it: whole seconds. */
export function eventTimestamp(ms: number, format: Assumptions["timestampFormat"]): string {
  return callbackTimestamp(Math.floor(ms / 1000) * 1000, format);
}

/** As the API has it: whole seconds, without a fraction. */
export function apiTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}/, "");
}
