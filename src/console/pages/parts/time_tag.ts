import { type Markup, markup } from "../markup.ts";

/** A time relative to now; the exact time is in its attributes. */
export function timeTag(ms: number | undefined, now: number): Markup {
  if (ms === undefined) return markup`<span class="faint">–</span>`;
  const iso = new Date(ms).toISOString();
  return markup`<time datetime="${iso}" title="${exactTime(ms)}">${relativeTime(ms, now)}</time>`;
}

/** An exact time, and how long ago it was. The script converts it to the reader's time zone. */
export function exactTag(ms: number, now: number): Markup {
  return markup`<time datetime="${new Date(ms).toISOString()}" title="${exactTime(ms)}" data-local="exact">${
    exactTime(ms)
  }</time> <span class="faint">${relativeTime(ms, now)}</span>`;
}

/** `08:00 UTC`; the script converts it to the reader's time zone. */
export function clockTag(ms: number): Markup {
  return markup`<time datetime="${new Date(ms).toISOString()}" title="${exactTime(ms)}" data-local="clock">${
    clockTime(ms)
  } UTC</time>`;
}

/** `08:00` */
export function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}

/** `2026-01-31 08:00:00 UTC` */
function exactTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `3 min ago`, `in 2 h`. Seconds are rounded, so that open pages rarely change. */
export function relativeTime(ms: number, now: number): string {
  const seconds = Math.round((now - ms) / 1000);
  if (Math.abs(seconds) < 10) return ms > now ? "in a moment" : "just now";
  const text = durationText(Math.abs(now - ms));
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}

/** A duration: `40 s`, `3 min`, `2 h 5 min`, `4 days`. */
export function durationText(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1000), 0);
  if (seconds < 1) return `${Math.max(Math.round(ms), 0)} ms`;
  if (seconds < 60) return `${seconds < 10 ? seconds : Math.floor(seconds / 10) * 10} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 && hours < 10 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}
