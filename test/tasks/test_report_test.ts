import assert from "node:assert/strict";
import { test } from "node:test";
import { leftOutTests } from "./suites.ts";
import { missingTests, parseTestReport } from "./test_report.ts";

// One test that passes, a group with one that fails and one that is skipped, and a test with a subtest: as each
// runtime writes it.
const node = parseTestReport(`<testsuites>
  <testcase name="a > b &lt;1&gt;" time="0.1" classname="test" file="/a_test.ts"/>
  <testsuite name="group" failures="1">
    <testcase name="fails" classname="group" failure="1 > 2"><failure type="x" message="m">no</failure></testcase>
    <testcase name="waits" classname="group"><skipped type="skipped" message="no &quot;disk&quot;"/></testcase>
  </testsuite>
  <testsuite name="parent"><testcase name="child" classname="parent"/></testsuite>
</testsuites>`);
const deno = parseTestReport(`<testsuites>
  <testcase name="a &gt; b &lt;1&gt;" classname="./a_test.ts" line="3"></testcase>
  <testcase name="group" classname="./a_test.ts"><failure message="1 failed step"></failure></testcase>
  <testcase name="parent" classname="./a_test.ts"></testcase>
  <testcase name="group &gt; fails" classname="x"><failure message="m">no</failure></testcase>
  <testcase name="group &gt; waits" classname="x"><skipped/></testcase>
  <testcase name="parent &gt; child" classname="x"></testcase>
</testsuites>`);
const bun = parseTestReport(`<testsuites>
  <testcase name="a &gt; b &lt;1&gt;" classname="" assertions="0" />
  <testsuite name="group">
    <testcase name="fails" classname="group"><failure type="AssertionError" message="m">no</failure></testcase>
    <testcase name="waits" classname="group"><skipped /></testcase>
  </testsuite>
  <testcase name="parent" classname="" />
</testsuites>`);

test("parseTestReport() counts the same on each runtime", () => {
  for (const { passed, failed, skipped } of [node, deno, bun]) {
    assert.deepEqual({ passed, failed, skipped: skipped.length }, { passed: 2, failed: 1, skipped: 1 });
  }
  assert.deepEqual(node.skipped, [{ name: "waits", reason: 'no "disk"' }]);
  assert.deepEqual(parseTestReport("").tests, []);
});

test("missingTests() finds nothing in reports of the same tests", () => {
  assert.deepEqual(missingTests(node, deno, false), []);
  assert.deepEqual(missingTests(node, bun, true), []);
});

test("missingTests() finds what a runtime left out, though another test has its name", () => {
  const without = (name: string) => ({ ...deno, tests: deno.tests.filter((test) => !test.name.endsWith(name)) });
  assert.deepEqual(missingTests(node, without("waits"), false), ["waits"]);
  assert.deepEqual(missingTests(node, without("child"), false), ["child"]);
  const twice = { ...node, tests: [...node.tests, ...node.tests] };
  assert.deepEqual(missingTests(twice, deno, false), ["a > b <1>", "fails", "waits", "child"]);
});

test("leftOutTests() fails what was skipped everywhere, where CI is true", () => {
  const reports = { node, deno, bun };
  assert.deepEqual(leftOutTests(reports, false), []);
  assert.equal(leftOutTests(reports, true).length, 1);
  assert.deepEqual(leftOutTests({ ...reports, bun: { ...bun, skipped: [] } }, true), []);
  assert.equal(leftOutTests({ package: node }, true).length, 1);
});
