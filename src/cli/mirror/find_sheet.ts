import { type Argument, createArgument } from "commander";
import type { Mirror, MirroredSheet } from "../../inbox/mirror.ts";
import { sheetOf } from "../../mirror/derive/first_read.ts";
import type { SheetInfo } from "../../mirror/row.ts";
import { editDistance, isSimilar, printable } from "../../text.ts";
import { text } from "../options/setting.ts";

/** A mirrored sheet with its name and columns. */
export type NamedSheet = Omit<MirroredSheet, "info"> & SheetInfo;

/** The `<sheet>` of each command. */
export function sheetArgument(): Argument {
  return createArgument("<sheet>", "its id, or its name if no other mirrored sheet has it").argParser(text);
}

/** All mirrored sheets, by id. */
export async function readSheets(mirror: Mirror): Promise<NamedSheet[]> {
  return (await mirror.sheets()).map(({ info, ...sheet }) => ({ ...sheet, ...sheetOf({ id: sheet.id, info }) }));
}

/**
 * The sheet with an id, or else with a name.
 *
 * @throws {Error} if there is none, or several have the name
 */
export async function findSheet(mirror: Mirror, idOrName: string): Promise<NamedSheet> {
  const sheets = await readSheets(mirror);
  const named = sheets.filter(({ name }) => name === idOrName);
  const found = sheets.find(({ id }) => String(id) === idOrName.trim()) ?? named[0];
  const wanted = JSON.stringify(printable(idOrName));
  if (!found) throw new Error(`No mirrored sheet has the id or the name ${wanted}: ${hintText(sheets, idOrName)}`);
  if (named.length > 1 && found === named[0]) {
    throw new Error(`${named.length} mirrored sheets have the name ${wanted}: use an id, ${sheetList(named)}`);
  }
  return found;
}

const MOST_NAMED = 20;

function hintText(sheets: readonly NamedSheet[], wanted: string): string {
  if (!sheets.length) return "none is mirrored yet. serve mirrors a sheet when an onChange handler asks for it";
  const [nearest] = sheets.filter(({ id, name }) => isSimilar(String(id), wanted) || isSimilar(name, wanted))
    .sort((a, b) => distanceOf(a, wanted) - distanceOf(b, wanted));
  return `${nearest ? `did you mean ${sheetText(nearest)}? ` : ""}There is ${sheetList(sheets)}`;
}

function distanceOf({ id, name }: NamedSheet, wanted: string): number {
  return Math.min(editDistance(String(id), wanted), editDistance(name.toLowerCase(), wanted.toLowerCase()));
}

function sheetList(sheets: readonly NamedSheet[]): string {
  const more = sheets.length > MOST_NAMED
    ? ` and ${sheets.length - MOST_NAMED} more: see \`sheethook mirror list\``
    : "";
  return sheets.slice(0, MOST_NAMED).map(sheetText).join(", ") + more;
}

/** `4509506114742148 "Orders"` */
export function sheetText({ id, name }: Pick<NamedSheet, "id" | "name">): string {
  return `${id} ${JSON.stringify(printable(name))}`;
}
