import { printable } from "../../text.ts";

/** Why a target gave no answer, and what to do; each runtime words and nests these errors in its own way. */
export function explainSilence(url: URL, timeoutMs: number, thrown: unknown): [text: string, toDo: string] {
  const { origin, hostname } = url;
  const words = wordsOf(thrown);
  const reason = printable(thrown instanceof Error ? thrown.message : String(thrown));
  if (/gave no answer in /.test(reason)) {
    return [
      `${origin} gave no answer in ${timeoutMs / 1000} s (--timeout)`,
      "answer as soon as the work is safe; serve waits 30 s (--forward-timeout)",
    ];
  }
  if (/ECONNREFUSED|ConnectionRefused|connection refused|Unable to connect/i.test(words)) {
    return [`Nothing listens at ${origin} (connection refused)`, "start the target, or check host and port"];
  }
  if (/ENOTFOUND|EAI_AGAIN|DNS|failed to lookup|getaddrinfo/i.test(words)) {
    return [`The host ${hostname} has no address`, "check the URL"];
  }
  if (/\bbad port\b|\bport \d+ are blocked\b/i.test(words)) {
    return [
      `fetch never calls port ${url.port}, which belongs to another protocol`,
      "let the target listen on another port",
    ];
  }
  if (/wrong version number|WRONG_VERSION|InvalidContentType|EPROTO/i.test(words)) {
    return [`${origin} speaks no TLS`, `is it http://${url.host}?`];
  }
  if (/CERT|certificate|UnknownIssuer|TLS|SSL/i.test(words)) {
    return [
      `No TLS connection to ${origin} (${reason})`,
      "for an authority of your own set NODE_EXTRA_CA_CERTS (Node, Bun) or DENO_CERT (Deno), also for serve",
    ];
  }
  return [
    `${origin} closed the connection without an answer (${reason})`,
    "see the target's log: it should speak HTTP",
  ];
}

function wordsOf(error: unknown): string {
  const words = [];
  for (let cause = error; typeof cause === "object" && cause !== null; cause = (cause as { cause?: unknown }).cause) {
    const { name, code, message } = cause as { name?: string; code?: string; message?: string };
    words.push(name, code, message);
  }
  return words.join(" ");
}
