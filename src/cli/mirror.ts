import type { Command } from "commander";
import { addDrop } from "./mirror/drop.ts";
import { addList } from "./mirror/list.ts";
import { addReconcile } from "./mirror/reconcile.ts";
import { addRows } from "./mirror/rows.ts";
import { addShow } from "./mirror/show.ts";
import { addView } from "./mirror/view.ts";
import { addViews } from "./mirror/views.ts";

/** `sheethook mirror list | show | rows | reconcile | view | views | drop` */
export function addMirror(program: Command): void {
  const mirror = program.command("mirror")
    .description(
      "View, export, compare and forget the mirrored sheets: their last known rows; serve may run at the same time.",
    )
    .addHelpText("after", HELP);
  for (const add of [addList, addShow, addRows, addReconcile, addView, addViews, addDrop]) add(mirror);
}

const HELP = `
A sheet is mirrored in the inbox from the first callback on that an onChange
handler (or serve without a module, but with a token) asks for. SHEET is its id,
or its name if no other mirrored sheet has it.

Examples:
  sheethook mirror list                     the mirrored sheets
  sheethook mirror show Orders              its columns
  sheethook mirror rows Orders              its first rows
  sheethook mirror rows Orders --csv > orders.csv
  sheethook mirror reconcile Orders         let serve compare it with Smartsheet
  sheethook mirror view Orders orders       a view in the database
  sheethook mirror drop Orders`;
