import { counted } from "./markup.ts";

const NOTICES: Readonly<Record<string, string>> = {
  replayed: "It is pending again and will run when its turn comes.",
  skipped: "It was skipped.",
  discarded: "It was discarded.",
  unchanged: "Nothing was changed: its state no longer allows it.",
  running: "Nothing was changed: an attempt is running. Try again when it has ended.",
  unpicked: "Nothing was changed: no call was picked.",
  asked: "The comparison is stored. It runs when the sheet's turn comes.",
  none: "Nothing was changed: none of them has a dead call. Discard them instead.",
};

/** What an action has done. */
export interface Notice {
  readonly word: string;
  /** Callbacks; left out for the page of one. */
  readonly count?: number;
  /** Dead calls. */
  readonly calls?: number;
  /** Callbacks that are left to be changed. */
  readonly left?: number;
}

/** The URL to redirect to after an action, with a notice about it. */
export function noticePath(path: string, { word, count, calls, left }: Notice, params?: URLSearchParams): string {
  const query = new URLSearchParams(params);
  const parts = [word, ...(count === undefined ? [] : [count])];
  if (calls) parts.push(calls, "calls");
  if (left) parts.push(left, "left");
  query.set("notice", parts.join(" "));
  return `${path}?${query.toString()}`;
}

/** The notice in a URL. Anyone can write a URL, so it is one of a few fixed sentences. */
export function noticeOf(params: URLSearchParams): string | undefined {
  const pattern = /^([a-z]+)(?: (\d{1,4}))?(?: (\d{1,7}) calls)?(?: (\d{1,9}) left)?$/;
  const [, word = "", count, calls, left] = pattern.exec(params.get("notice") ?? "") ?? [];
  if (!Object.hasOwn(NOTICES, word)) return undefined;
  const ofCalls = calls && counted(Number(calls), "dead call");
  const were = (ofCalls ? Number(calls) : Number(count)) === 1 ? "was" : "were";
  if (count === undefined) {
    if (!ofCalls) return NOTICES[word];
    return `${ofCalls} ${were} ${word}.${
      word === "replayed" ? " The callback is pending again and runs when its turn comes." : ""
    }`;
  }
  const callbacks = counted(Number(count), "callback");
  const rest = left ? ` ${counted(Number(left), "callback is", "callbacks are")} left.` : "";
  return `${ofCalls ? `${ofCalls} of ${callbacks}` : callbacks} ${were} ${word}.${rest}`;
}
