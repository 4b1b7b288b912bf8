import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseFleet } from "../../../../src/cli/webhooks/fleet/parse_fleet.ts";

const URL = "https://hooks.example.com/webhook";

function problemOf(text: string): string {
  try {
    parseFleet(text, "fleet.json");
  } catch (error) {
    assert.equal((error as { code?: string }).code, "option_invalid");
    return (error as Error).message;
  }
  return "none";
}

const file = (entries: string, more = "") =>
  `{
  "name": "orders",
  "defaults": { "callbackUrl": "${URL}" },${more}
  "entries": [
    ${entries}
  ]
}`;

describe("a fleet file", () => {
  it("has entries that override the defaults", () => {
    const { name, tokens, entries } = parseFleet(
      JSON.stringify({
        $schema: "https://example.com/fleet.schema.json",
        name: "orders",
        tokens: { us: { env: "SMARTSHEET_ACCESS_TOKEN" }, eu: { env: "SMARTSHEET_TOKEN_EU", region: "eu" } },
        defaults: { token: "us", callbackUrl: URL, events: ["row.*"] },
        entries: [
          { sheets: [1, 2], columns: ["Status", 7] },
          { workspace: 3, except: [4], token: "eu", events: ["*.*"] },
          { folder: 5, callbackUrl: "https://other.example.com" },
        ],
      }),
      "fleet.json",
    );
    assert.equal(name, "orders");
    assert.deepEqual(tokens.get("eu"), { env: "SMARTSHEET_TOKEN_EU", region: "eu" });
    const [sheets, workspace, folder] = entries;
    assert.deepEqual([sheets!.sheets, sheets!.columns, sheets!.events, sheets!.token], [
      [1, 2],
      ["Status", 7],
      ["row.*"],
      "us",
    ]);
    assert.deepEqual([workspace!.token, workspace!.events, [...workspace!.except]], ["eu", ["*.*"], [4]]);
    assert.equal(folder!.callbackUrl, "https://other.example.com/");
  });

  it("needs no tokens if there is only SMARTSHEET_ACCESS_TOKEN", () => {
    const { tokens, entries } = parseFleet(file(`{ "sheets": [1] }`), "fleet.json");
    assert.deepEqual([...tokens], [["default", { env: "SMARTSHEET_ACCESS_TOKEN" }]]);
    assert.deepEqual([entries[0]!.token, entries[0]!.events, entries[0]!.columns], ["default", ["*.*"], []]);
  });

  const wrong: Readonly<Record<string, readonly [string, string]>> = {
    "a typo in a key, with its line and the nearest key": [
      file(`{ "sheets": [1], "evnts": ["row.*"] }`),
      "entries[0].evnts (line 5) is unknown (did you mean events?): there are token, callbackUrl, events,",
    ],
    "a typo in the defaults": [
      `{ "name": "a", "defaults": { "calbackUrl": "${URL}" }, "entries": [{ "sheets": [1] }] }`,
      "defaults.calbackUrl (line 1) is unknown (did you mean callbackUrl?)",
    ],
    "a typo at the top": [
      file(`{ "sheets": [1] }`, `\n  "token": {},`),
      "token (line 4) is unknown (did you mean tokens?)",
    ],
    "a typo in a token": [
      file(`{ "sheets": [1] }`, `\n  "tokens": { "us": { "env": "A", "regoin": "us" } },`),
      "tokens.us.regoin (line 4) is unknown (did you mean region?): there are env, region, apiUrl",
    ],
    "a token instead of its variable": [
      file(`{ "sheets": [1] }`, `\n  "tokens": { "us": { "env": "ll352u9jujauoqz4gstvsae05-x" } },`),
      "tokens.us.env (line 4) should be the name of an environment variable, and never the token itself",
    ],
    "an unknown region": [
      file(`{ "sheets": [1] }`, `\n  "tokens": { "us": { "env": "A", "region": "usa" } },`),
      "tokens.us.region (line 4) should be one of us, eu, au, gov",
    ],
    "a token that isn't there": [
      file(`{ "sheets": [1], "token": "uss" }`, `\n  "tokens": { "us": { "env": "A" } },`),
      `entries[0].token (line 6) is "uss", which tokens doesn't have (did you mean us?): there are us`,
    ],
    "no token where there are two": [
      file(`{ "sheets": [1] }`, `\n  "tokens": { "us": { "env": "A" }, "eu": { "env": "B" } },`),
      "entries[0] (line 6) names no token, but should: one of us, eu",
    ],
    "a sheet twice, with both places": [
      file(`{ "sheets": [1, 2] },\n    { "sheets": [3,\n      2] }`),
      "entries[1].sheets[1] (line 7) declares sheet 2 again: it is already at entries[0].sheets[1] (line 5)",
    ],
    "a workspace twice": [
      file(`{ "workspace": 9 },\n    { "workspace": 9 }`),
      "entries[1].workspace (line 6) declares workspace 9 again: it is already at entries[0].workspace (line 5)",
    ],
    "a typo in an event": [
      file(`{ "sheets": [1], "events": ["row.createdd"] }`),
      `entries[0].events[0] (line 5) is unknown: "createdd" is no event type of a sheet (did you mean created?)`,
    ],
    "an id that is text": [file(`{ "sheets": ["1"] }`), "entries[0].sheets[0] (line 5) should be an id"],
    "an entry for two things": [
      file(`{ "sheets": [1], "folder": 2 }`),
      "entries[0] (line 5) has sheets and folder, but should have one of sheets, workspace, folder",
    ],
    "an entry for nothing": [file(`{ "events": ["*.*"] }`), "entries[0] (line 5) has nothing to watch, but should"],
    "an entry that is no object": [file(`7`), "entries[0] (line 5) should be an object"],
    "no entries": [`{ "name": "a" }`, "entries (line 1) is missing"],
    "no callback URL": [
      `{ "name": "a", "entries": [{ "sheets": [1] }] }`,
      "entries[0] (line 1) has no callbackUrl, and there is none in defaults",
    ],
    "a name that a webhook can't carry": [
      `{ "name": "a b", "entries": [] }`,
      "name (line 1) should be 1 to 30 letters",
    ],
    "a comma too many": [`{\n  "name": "a",\n}`, `line 3, column 1: "}" is no JSON here, but should be a key in`],
    "a key that comes twice": [`{ "name": "a",\n "name": "b" }`, `line 2, column 2: "name" is there twice`],
    "a file that breaks off": [`{ "name": "a"`, "line 1, column 14: an object goes on with a comma or ends with }"],
    "something behind its end": [`{}\n{}`, "line 2, column 1: nothing should follow the value"],
    "no file at all": ["", "line 1, column 1: the text ends too early"],
  };
  for (const [name, [text, problem]] of Object.entries(wrong)) {
    it(`is refused for ${name.replaceAll("'", "")}`, () => {
      const found = problemOf(text);
      assert.ok(found.startsWith("Fleet file fleet.json") && found.includes(problem), found);
    });
  }

  it("is told at most five problems at once", () => {
    const entries = Array.from({ length: 8 }, () => "{}").join(", ");
    assert.match(problemOf(file(entries)), /entries\[4\].*; and 3 more$/);
  });
});
