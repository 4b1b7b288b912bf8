import type { Assumptions } from "./assumptions.ts";

/** The timestamp of a callback, with milliseconds. */
export function callbackTimestamp(ms: number, format: Assumptions["timestampFormat"]): string {
  return new Date(ms).toISOString().replace(/Z$/, format);
}

/** The timestamp of an event, in whole seconds. */
export function eventTimestamp(ms: number, format: Assumptions["timestampFormat"]): string {
  return callbackTimestamp(Math.floor(ms / 1000) * 1000, format);
}

/** A time in the API: whole seconds, without a fraction. */
export function apiTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}/, "");
}
