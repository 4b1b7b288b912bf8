import * as v from "valibot";
import { isSimilar } from "../../../text.ts";
import { parseCallbackUrl } from "../../options/callback_url.ts";
import { usageError } from "../../terminal/usage_error.ts";
import type { Entry, Fleet, TokenSource } from "./fleet.ts";
import { type FleetFile, fleetSchema, keysAt } from "./fleet_schema.ts";
import { parseJsonWithLines, type PlacedJson } from "./parse_json.ts";

type Path = readonly (string | number)[];

/** More than these would hide each other. */
const MOST_PROBLEMS = 5;

/**
 * Reads the file of a fleet.
 *
 * @param file its name, for messages
 * @throws {SheethookError} `option_invalid` with path and line of each problem
 */
export function parseFleet(text: string, file: string): Fleet {
  let json: PlacedJson;
  try {
    json = parseJsonWithLines(text);
  } catch (error) {
    throw usageError(`Fleet file ${file}, ${(error as Error).message}`);
  }
  const parsed = v.safeParse(fleetSchema, json.value);
  const problems = parsed.success ? new Problems(json) : problemsOf(parsed.issues, json);
  const fleet = parsed.success ? fleetOf(parsed.output, problems) : undefined;
  if (!fleet || problems.texts.length) {
    const shown = problems.texts.slice(0, MOST_PROBLEMS);
    const rest = problems.texts.length - shown.length;
    throw usageError(`Fleet file ${file}: ${shown.join("; ")}${rest ? `; and ${rest} more` : ""}`);
  }
  return fleet;
}

class Problems {
  readonly texts: string[] = [];
  readonly json: PlacedJson;

  constructor(json: PlacedJson) {
    this.json = json;
  }

  place(path: Path): string {
    const name = path.reduce<string>(
      (before, part) => typeof part === "number" ? `${before}[${part}]` : before ? `${before}.${part}` : part,
      "",
    );
    return `${name ? `${name} ` : ""}(line ${this.json.lineOf(path)})`;
  }

  add(path: Path, problem: string): void {
    this.texts.push(`${this.place(path)} ${problem}`);
  }
}

function problemsOf(issues: readonly v.BaseIssue<unknown>[], json: PlacedJson): Problems {
  const problems = new Problems(json);
  for (const { type, expected, message, path: parts = [] } of issues) {
    const path = parts.map(({ key }) => key as string | number);
    const [parent, key] = [path.slice(0, -1), String(path.at(-1))];
    if (type !== "strict_object" || expected === "Object") problems.add(path, message);
    else problems.add(path, expected === "never" ? unknownKeyText(key, keysAt(parent)) : "is missing");
  }
  return problems;
}

function unknownKeyText(key: string, known: readonly string[]): string {
  const similar = known.find((other) => isSimilar(key, other));
  return `is unknown${similar ? ` (did you mean ${similar}?)` : ""}: there are ${known.join(", ")}`;
}

function fleetOf({ name, tokens: given, defaults = {}, entries }: FleetFile, problems: Problems): Fleet {
  const tokens = new Map<string, TokenSource>(
    given ? Object.entries(given) : [["default", { env: "SMARTSHEET_ACCESS_TOKEN" }]],
  );
  for (const [token, { region, apiUrl }] of tokens) {
    if (region && apiUrl) problems.add(["tokens", token], "has a region and an apiUrl, but should have one of them");
  }
  const names = [...tokens.keys()];
  const places = new Map<string, Path>();
  /** Notes that something is declared; once is enough. */
  const declare = (what: string, path: Path) => {
    const before = places.get(what);
    if (before) problems.add(path, `declares ${what} again: it is already at ${problems.place(before)}`);
    else places.set(what, path);
  };

  const resolved = entries.map((entry, index): Entry => {
    const path: Path = ["entries", index];
    const kinds = (["sheets", "workspace", "folder"] as const).filter((kind) => entry[kind] !== undefined);
    if (kinds.length !== 1) {
      const found = kinds.length ? `has ${kinds.join(" and ")}` : "has nothing to watch";
      problems.add(path, `${found}, but should have one of sheets, workspace, folder`);
    }
    if (entry.except && entry.sheets) problems.add([...path, "except"], "is only for a workspace or a folder");
    entry.sheets?.forEach((id, at) => declare(`sheet ${id}`, [...path, "sheets", at]));
    if (entry.workspace !== undefined) declare(`workspace ${entry.workspace}`, [...path, "workspace"]);
    if (entry.folder !== undefined) declare(`folder ${entry.folder}`, [...path, "folder"]);

    const { token = names.length === 1 ? names[0]! : undefined, callbackUrl, events = ["*.*"], columns = [] } = {
      ...defaults,
      ...entry,
    };
    const tokenPath = entry.token === undefined && defaults.token !== undefined
      ? ["defaults", "token"]
      : [...path, "token"];
    if (token === undefined) problems.add(path, `names no token, but should: one of ${names.join(", ")}`);
    else if (!tokens.has(token)) problems.add(tokenPath, unknownTokenText(token, names));
    if (callbackUrl === undefined) problems.add(path, "has no callbackUrl, and there is none in defaults");
    return {
      place: `entries[${index}]`,
      sheets: entry.sheets ?? [],
      workspace: entry.workspace,
      folder: entry.folder,
      except: new Set(entry.except),
      token: token ?? "",
      callbackUrl: callbackUrl === undefined ? "" : parseCallbackUrl(callbackUrl).href,
      events: [...new Set(events)],
      columns: [...new Set(columns)],
    };
  });
  return { name, tokens, entries: resolved };
}

function unknownTokenText(token: string, names: readonly string[]): string {
  const similar = names.find((name) => isSimilar(token, name));
  return `is ${JSON.stringify(token)}, which tokens doesn't have${
    similar ? ` (did you mean ${similar}?)` : ""
  }: there are ${names.join(", ")}`;
}
