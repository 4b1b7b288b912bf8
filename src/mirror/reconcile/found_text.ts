import { plural } from "../../text.ts";
import type { Gap } from "../gap.ts";

/** What a comparison found, in words: `compared with its mirror: nothing differs`. Without a gap, there was nothing to compare with. */
export function foundText(gap: Pick<Gap, "created" | "updated" | "deleted" | "isComplete"> | undefined): string {
  if (!gap) return "read for the first time: there was no mirror to compare it with";
  const { created, updated, deleted, isComplete } = gap;
  const kinds = `${created} row${plural(created)} created, ${updated} updated, ${deleted} deleted`;
  const all = created + updated + deleted ? `${kinds} that no callback had told of` : "nothing differs";
  const left = isComplete ? "" : "; it changed meanwhile, so the next comparison may find more";
  return `compared with its mirror: ${all}${left}`;
}
