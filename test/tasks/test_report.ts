/** What a JUnit report says: every runtime can write one, and they are the same where the texts differ. */
export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** What was reported, with the name of the test or group around it as far as the runtime tells. */
  readonly tests: readonly { readonly name: string; readonly parent: string }[];
}

const testcase = /<testcase\b((?:\s+[\w:-]+="[^"]*")*)\s*(?:\/>|>([\s\S]*?)<\/testcase>)/g;

/**
 * Reads the report of Node, Deno or Bun. A test or group that holds others isn't counted itself where these are: Node
 * and Bun do so for groups, Deno doesn't.
 */
export function parseTestReport(xml: string): TestReport {
  const cases = [...xml.matchAll(testcase)].map(([, attributes = "", content = ""]) => ({
    name: attribute(attributes, "name"),
    parent: attribute(attributes, "classname"),
    content,
  }));
  const holders = new Set(cases.flatMap(({ name }) => heads(name.split(" > "))));
  const tests = cases.filter(({ name }) => !holders.has(name));
  const failed = tests.filter(({ content }) => /<(failure|error)\b/.test(content)).length;
  const skipped = tests
    .filter(({ content }) => /<skipped\b/.test(content))
    .map(({ name, content }) => ({ name, reason: attribute(content, "message") }));
  return { passed: tests.length - failed - skipped.length, failed, skipped, tests };
}

/**
 * The tests that Node reports and `other` doesn't: a runtime that leaves out a test without a word is found by this.
 * Deno writes `parent > test`; Bun reports a subtest through its parent only.
 */
export function missingTests(node: TestReport, other: TestReport, isBun: boolean): string[] {
  const left = new Map<string, number>();
  for (const { name } of other.tests) {
    for (const tail of tails(name.split(" > "))) left.set(tail, (left.get(tail) ?? 0) + 1);
  }
  return node.tests.flatMap(({ name, parent }) => {
    const count = left.get(name) ?? 0;
    left.set(name, count - 1);
    return count > 0 || (isBun && left.has(parent)) ? [] : [name];
  });
}

function heads(parts: readonly string[]): string[] {
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(" > "));
}

function tails(parts: readonly string[]): string[] {
  return parts.map((_, index) => parts.slice(index).join(" > "));
}

function attribute(text: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? "";
  const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return value
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(lt|gt|quot|apos|amp);/g, (all, entity: string) => entities[entity] ?? all);
}
