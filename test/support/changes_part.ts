import type { ChangesPart, Mirror } from "../../src/inbox/mirror.ts";

/** Changes that are stored at once. */
export function onlyPart(json: string): ChangesPart {
  return { number: 0, json, isLast: true };
}

/** The JSON of changes that were stored at once; undefined if there are none. */
export async function changesJson(mirror: Pick<Mirror, "changesOf">, callback: number): Promise<string | undefined> {
  return (await mirror.changesOf(callback, 0))?.json;
}
