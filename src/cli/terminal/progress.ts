import { note } from "./print.ts";

/** Writes how far a command has come, at most once every `everyMs` milliseconds. */
export function createProgress(write: (text: string) => unknown = note, everyMs = 1000): (text: string) => void {
  let writtenAt = performance.now();
  return (text) => {
    if (performance.now() - writtenAt < everyMs) return;
    writtenAt = performance.now();
    write(text);
  };
}
