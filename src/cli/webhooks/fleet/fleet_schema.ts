import * as v from "valibot";
import { isPattern, unknownInPattern } from "../../../callback/pattern.ts";
import { API_URLS, type Region } from "../../../smartsheet/hosts.ts";
import { ID_SHAPE } from "../../../smartsheet/ids.ts";
import { parseCallbackUrl } from "../../options/callback_url.ts";

const id = v.custom<number>((value) => Number.isSafeInteger(value) && Number(value) > 0, `should be ${ID_SHAPE}`);
const text = v.pipe(v.string("should be text"), v.regex(/\S/, "should not be blank"));

function list<Item extends v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>>(item: Item, of: string) {
  return v.pipe(
    v.array(item, `should be a list of ${of}`),
    v.minLength(1, `should not be empty: it is a list of ${of}`),
  );
}

const event = v.pipe(
  v.string("should be a pattern like row.created"),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { value } = dataset;
    if (!isPattern(value)) return addIssue({ message: "should be a pattern like row.created; *.* is everything" });
    const problem = unknownInPattern(value);
    if (problem) addIssue({ message: `is unknown: ${problem}` });
  }),
);

const url = v.pipe(v.string("should be a URL"), v.check(isCallbackUrl, "should be an https URL without a password"));

function isCallbackUrl(value: string): boolean {
  try {
    return Boolean(parseCallbackUrl(value));
  } catch {
    return false;
  }
}

/** The message of a value that is no object; those of its keys are made where the keys are known. */
const OBJECT = "should be an object";

/** What an entry and the defaults may say. */
const settings = {
  token: v.optional(text),
  callbackUrl: v.optional(url),
  events: v.optional(list(event, "patterns like row.created")),
  columns: v.optional(
    list(
      v.custom<string | number>(
        (value) =>
          (typeof value === "string" && Boolean(value.trim())) || (Number.isSafeInteger(value) && Number(value) > 0),
        `should be a column's title, or ${ID_SHAPE}`,
      ),
      "columns, by title or id",
    ),
  ),
};

const entry = v.strictObject({
  ...settings,
  sheets: v.optional(list(id, "ids of sheets")),
  workspace: v.optional(id),
  folder: v.optional(id),
  except: v.optional(list(id, "ids of sheets and folders")),
}, OBJECT);

const token = v.strictObject({
  env: v.pipe(
    v.string("should be the name of an environment variable, and never the token itself"),
    v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "should be the name of an environment variable, and never the token itself"),
  ),
  region: v.optional(
    v.picklist(Object.keys(API_URLS) as Region[], `should be one of ${Object.keys(API_URLS).join(", ")}`),
  ),
  apiUrl: v.optional(v.pipe(v.string("should be a URL"), v.url("should be a URL"))),
}, OBJECT);

/** The file of a fleet. */
export const fleetSchema = v.strictObject({
  $schema: v.optional(v.string("should be text")),
  name: v.pipe(
    v.string("should be text"),
    v.regex(/^[\w.-]{1,30}$/, "should be 1 to 30 letters, digits, dots, dashes and underscores"),
  ),
  tokens: v.optional(v.record(v.string(), token, "should be an object: tokens by name")),
  defaults: v.optional(v.strictObject(settings, OBJECT)),
  entries: list(entry, "entries"),
}, OBJECT);

/** What the file says. */
export type FleetFile = v.InferOutput<typeof fleetSchema>;

/** The keys of the object that a path leads to, for suggestions. */
export function keysAt(path: readonly unknown[]): string[] {
  const [first] = path;
  if (first === undefined) return Object.keys(fleetSchema.entries);
  if (first === "tokens") return Object.keys(token.entries);
  return first === "defaults" ? Object.keys(settings) : Object.keys(entry.entries);
}
