import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { BadAnswer, readAnswer } from "./answer.ts";

const read = (text: string, isHead = false, isEnded = false) => readAnswer(Buffer.from(text), isHead, isEnded);

test("readAnswer() reads one answer and leaves what follows", () => {
  const one = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno";
  const answer = read(`${one}HTTP/1.1 200 OK`)!;
  assert.deepEqual([answer.status, String(answer.body), answer.size, answer.isLast], [401, "no", one.length, false]);
  const chunked = read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\nmore")!;
  assert.deepEqual([String(chunked.body), chunked.isLast], ["abc", false]);
  assert.equal(read("HTTP/1.1 405 No\r\nContent-Length: 9\r\nConnection: close\r\n\r\n", true)!.isLast, true);
  assert.equal(String(read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx", false, true)!.body), "x");
});

test("readAnswer() waits for an answer that isn't whole", () => {
  for (
    const text of ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nn", "HTTP/1.1 200 OK\r\n\r\nx"]
  ) {
    assert.equal(read(text), undefined, text);
  }
});

test("readAnswer() takes nothing for an answer that is none", () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const bad = [
    "200 OK\r\n\r\n",
    "HTTP/1.1 999 x\r\n\r\n",
    "HTTP/2 200\r\n\r\n",
    `${head}a b: c\r\n\r\n`,
    `${head}Content-Length: x\r\n\r\n`,
    `${head}Content-Length: 3\r\n\r\nab`,
    `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n`,
    `${head}Content-Le`,
  ];
  for (const text of bad) assert.throws(() => read(text, false, true), BadAnswer, text);
});
