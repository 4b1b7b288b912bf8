import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeAnswer, judgeChallenge } from "../../../src/cli/send/verdict.ts";

test("judgeAnswer() knows Smartsheet's table", () => {
  const table: [number, RegExp][] = [
    [200, /^Smartsheet would accept this$/],
    [201, /disable the webhook at once/],
    [204, /disable the webhook at once/],
    [299, /disable the webhook at once/],
    [301, /doesn't document/],
    [308, /doesn't document/],
    [309, /disable the webhook at once/],
    [399, /disable the webhook at once/],
    [400, /send it again, 14 times/],
    [409, /send it again, 14 times/],
    [410, /disable the webhook at once/],
    [411, /send it again, 14 times/],
    [499, /send it again, 14 times/],
    [500, /send it again, 14 times/],
    [599, /send it again, 14 times/],
    [600, /disable the webhook at once/],
  ];
  for (const [status, text] of table) {
    const verdict = judgeAnswer(status);
    assert.match(verdict.text, text, `${status}`);
    assert.equal(verdict.ok, status === 200);
  }
});

test("judgeChallenge() wants 200 and the challenge back, in the header, the body or both", () => {
  const judge = (challengeResponse: string | null, body: string, status = 200) =>
    judgeChallenge({ status, ms: 1, challengeResponse, body }, "abc");
  const echo = '{"smartsheetHookResponse":"abc"}';
  assert.ok(judge("abc", echo).ok);
  assert.ok(judge("abc", "").ok);
  assert.ok(judge("abc", "null").ok);
  assert.ok(judge(null, echo).ok);
  const fails = (verdict: { ok: boolean; text: string }, text: RegExp) => {
    assert.ok(!verdict.ok);
    assert.match(verdict.text, text);
    assert.match(verdict.text, /DISABLED_VERIFICATION_FAILED/);
  };
  fails(judge("abc", echo, 204), /should be 200/);
  fails(judge("abcd", echo), /header .* is not the challenge/);
  fails(judge("abc", '{"smartsheetHookResponse":"abcd"}'), /in the body is not the challenge/);
  fails(judge(null, '{"smartsheetHookResponse":5}'), /in the body is not the challenge/);
  for (const body of ["", "abc", "{}", "[]", "null"]) fails(judge(null, body), /should come back/);
});
