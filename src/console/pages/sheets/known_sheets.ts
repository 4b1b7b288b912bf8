import { messageOf } from "../../../errors.ts";
import type { Mirror } from "../../../inbox/mirror.ts";
import type { Logger } from "../../../logger.ts";
import { sheetOf } from "../../../mirror/derive/first_read.ts";
import type { SheetInfo } from "../../../mirror/row.ts";
import { throttled } from "../../throttled.ts";

/** Names and columns of the sheets that the mirror has, by id. */
export type KnownSheets = ReadonlyMap<number, SheetInfo>;

const REST_MS = 5000;
const NONE: KnownSheets = new Map();

/** Reads the mirror's sheets every few seconds at most. Without a mirror, or while it can't be read, none is known. */
export function createKnownSheets(
  mirror: Pick<Mirror, "sheets"> | undefined,
  logger: Logger,
): () => Promise<KnownSheets> {
  if (!mirror) return () => Promise.resolve(NONE);
  let known = new Map<number, { readonly info: string; readonly sheet: SheetInfo }>();

  async function read(): Promise<KnownSheets> {
    try {
      const mirrored = await mirror!.sheets();
      // Columns are parsed again only when they have changed.
      known = new Map(mirrored.map(({ id, info }) => {
        const before = known.get(id);
        return [id, before?.info === info ? before : { info, sheet: sheetOf({ id, info }) }];
      }));
      return new Map([...known].map(([id, { sheet }]) => [id, sheet]));
    } catch (error) {
      logger.warn("The console can't read the names of sheets: {error}", { error: messageOf(error) });
      return NONE;
    }
  }
  return throttled(read, REST_MS);
}
