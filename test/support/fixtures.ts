import { readFileSync } from "node:fs";

/** A body that Smartsheet has really sent, to the byte. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8");
}

/** The published signatures, by name of the fixture. */
export function fixtureSignatures(): [name: string, signature: string][] {
  const { signatures } = JSON.parse(fixture("signatures"));
  return Object.entries(signatures).map(([file, signature]) => [file.replace(".json", ""), String(signature)]);
}
