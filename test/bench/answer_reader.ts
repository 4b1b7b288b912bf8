const HEAD_END = Buffer.from("\r\n\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/** Takes the bytes of one connection and tells of each whole HTTP/1.1 answer in them. */
export function createAnswerReader(onAnswer: (status: number, head: string) => void): (bytes: Buffer) => void {
  let rest: Buffer | undefined;
  return (bytes) => {
    let buffer = rest ? Buffer.concat([rest, bytes]) : bytes;
    rest = undefined;
    while (buffer.length) {
      const headEnd = buffer.indexOf(HEAD_END);
      const head = headEnd < 0 ? "" : buffer.toString("latin1", 0, headEnd);
      const end = headEnd < 0 ? Infinity : answerEnd(buffer, head, headEnd + 4);
      if (end > buffer.length) {
        rest = buffer;
        return;
      }
      buffer = buffer.subarray(end);
      onAnswer(Number(head.slice(9, 12)), head);
    }
  };
}

function answerEnd(buffer: Buffer, head: string, bodyStart: number): number {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return bodyStart + Number(length);
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) {
    throw new Error(`Answer's length should be told, but is:\n${head}`);
  }
  const last = buffer.indexOf(LAST_CHUNK, bodyStart);
  return last < 0 ? Infinity : last + LAST_CHUNK.length;
}
