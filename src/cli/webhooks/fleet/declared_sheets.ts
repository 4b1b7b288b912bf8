import type { Api, CallOptions, Child } from "../../../api/api.ts";
import { ApiError } from "../../../api/api_error.ts";
import { messageOf } from "../../../errors.ts";
import type { DeclaredSheet, Entry, Fleet, Problem } from "./fleet.ts";

/** The sheets of a fleet. */
export interface DeclaredSheets {
  /** Each sheet once, in the order of the file. */
  readonly sheets: readonly DeclaredSheet[];
  readonly problems: readonly Problem[];
  /** Whether every workspace and folder could be followed. Otherwise a sheet that isn't there may still be in the fleet. */
  readonly isComplete: boolean;
}

/** What the walk through the folders needs. */
interface Walk {
  readonly entry: Entry;
  readonly api: Api;
  readonly call: CallOptions;
  readonly found: DeclaredSheet[];
}

/** Finds the sheets of each entry: those that it names, and those in its workspace or folder, with the folders in it. */
export async function findDeclaredSheets(
  fleet: Fleet,
  apis: ReadonlyMap<string, Api>,
  call: CallOptions,
): Promise<DeclaredSheets> {
  const problems: Problem[] = [];
  let isComplete = true;
  const byEntry = await Promise.all(fleet.entries.map(async (entry) => {
    const found = entry.sheets.map((sheetId, index) =>
      declared(entry, sheetId, undefined, `${entry.place}.sheets[${index}]`)
    );
    const walk: Walk = { entry, api: apis.get(entry.token)!, call, found };
    try {
      if (entry.workspace !== undefined) await follow(walk, "workspace", entry.workspace);
      if (entry.folder !== undefined) await follow(walk, "folder", entry.folder);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      isComplete = false;
      problems.push({ place: placeOf(entry), message: `couldn't be followed: ${messageOf(error)}` });
    }
    return found;
  }));

  const bySheet = Map.groupBy(byEntry.flat(), ({ sheetId }) => sheetId);
  const sheets: DeclaredSheet[] = [];
  for (const [sheetId, [first, ...others]] of bySheet) {
    if (!others.length) sheets.push(first!);
    else {
      const places = [first!, ...others].map(({ place }) => place).join(" and ");
      problems.push({
        place: first!.place,
        sheetId,
        message: `sheet ${sheetId} is declared twice, by ${places}: except in one of them should name it`,
      });
    }
  }
  return { sheets, problems, isComplete };
}

/** Adds the sheets in a workspace or a folder, in breadth-first order. */
async function follow({ entry, api, call, found }: Walk, kind: "workspace" | "folder", id: number): Promise<void> {
  const seen = new Set([id]);
  const queue = [{ kind, id }];
  for (const { kind, id } of queue) {
    const calls = kind === "workspace" ? api.workspaces : api.folders;
    const children: Child[] = await Array.fromAsync(calls.children(id, { types: ["sheets", "folders"], ...call }));
    for (const child of children) {
      if (entry.except.has(child.id) || seen.has(child.id)) continue;
      seen.add(child.id);
      if (child.resourceType === "sheet") {
        found.push(declared(entry, child.id, child.name, `${entry.place}, ${kind} ${id}`));
      } else if (child.resourceType === "folder") {
        queue.push({ kind: "folder", id: child.id });
      }
    }
  }
}

function declared(entry: Entry, sheetId: number, name: string | undefined, place: string): DeclaredSheet {
  const { token, callbackUrl, events, columns } = entry;
  return { sheetId, name, place, token, callbackUrl, events, columns };
}

function placeOf({ place, workspace, folder }: Entry): string {
  return workspace === undefined ? `${place}, folder ${folder}` : `${place}, workspace ${workspace}`;
}
