import { counted } from "./markup.ts";

const NOTICES: Readonly<Record<string, string>> = {
  replayed: "It is pending again and will run when its turn comes.",
  discarded: "It was discarded.",
  unchanged: "Nothing was changed: its state no longer allows it.",
  running: "Nothing was changed: an attempt is running. Try again when it has ended.",
};

/** The URL to redirect to after an action, with a notice about it. */
export function noticePath(path: string, params: URLSearchParams, notice: string, count?: number): string {
  const query = new URLSearchParams(params);
  query.set("notice", count === undefined ? notice : `${notice} ${count}`);
  return `${path}?${query.toString()}`;
}

/** The notice in a URL. Anyone can write a URL, so it is one of a few fixed sentences. */
export function noticeOf(params: URLSearchParams): string | undefined {
  const [, word = "", count] = /^([a-z]+)(?: (\d{1,4}))?$/.exec(params.get("notice") ?? "") ?? [];
  if (!Object.hasOwn(NOTICES, word)) return undefined;
  return count === undefined ? NOTICES[word] : `${counted(Number(count), "callback was", "callbacks were")} ${word}.`;
}
