import type { Mirror, MirroredRow } from "../inbox/mirror.ts";

/** Rows of the mirror by their ids; those that it lacks are left out. */
export async function mirroredRows(
  mirror: Pick<Mirror, "rows">,
  sheetId: number,
  rowIds: readonly number[],
): Promise<Map<number, MirroredRow>> {
  return new Map((await mirror.rows(sheetId, rowIds)).map((row) => [row.id, row]));
}
