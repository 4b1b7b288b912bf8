import { CHALLENGE_RESPONSE_HEADER } from "../../smartsheet/headers.ts";
import { printable } from "../../text.ts";

/** One POST, as Smartsheet sends it. */
export interface Delivery {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Record<string, string>;
}

/** The answer. */
export interface Answer {
  readonly status: number;
  readonly ms: number;
  readonly challengeResponse: string | null;
  readonly body: string;
}

/**
 * Sends a POST once; a redirect is an answer like any other.
 *
 * @throws {Error} if there is no complete answer, with the reason and what to do
 */
export async function deliver(url: URL, { body, headers }: Delivery, timeoutMs: number): Promise<Answer> {
  const start = performance.now();
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json; charset=UTF-8", ...headers },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    return {
      status: response.status,
      ms: performance.now() - start,
      challengeResponse: response.headers.get(CHALLENGE_RESPONSE_HEADER),
      body: text,
    };
  } catch (cause) {
    throw new Error(explainNoAnswer(url, timeoutMs, cause), { cause });
  }
}

/** Why there is no answer, and what to do; each runtime words and nests these errors in its own way. */
export function explainNoAnswer(url: URL, timeoutMs: number, error: unknown): string {
  const words = wordsOf(error);
  if (/TimeoutError|timed out/i.test(words)) {
    return `${url.origin} gave no answer in ${timeoutMs} ms: Smartsheet waits about 5 s and sends it again`;
  }
  if (/ECONNREFUSED|ConnectionRefused|connection refused|Unable to connect/i.test(words)) {
    return `Nothing listens at ${url.origin} (connection refused): start \`sheethook serve\` there, or check the port`;
  }
  if (/ENOTFOUND|EAI_AGAIN|DNS|failed to lookup|getaddrinfo/i.test(words)) {
    return `The host ${url.hostname} has no address: check the URL`;
  }
  // A TLS alert means the server does speak TLS.
  if (/alert[\W_]*protocol.?version/i.test(words)) {
    return `${url.origin} speaks only an old TLS, but should speak TLS 1.2 or newer`;
  }
  if (/certificate.?required/i.test(words)) {
    return `${url.origin} asks for a client's certificate, but should accept callers without one: Smartsheet has none`;
  }
  if (/wrong version number|WRONG_VERSION|InvalidContentType|EPROTO/i.test(words)) {
    return `${url.origin} speaks no TLS: is it http://${url.host}?`;
  }
  if (/bad port|are blocked/i.test(words)) {
    return `Port ${url.port} is blocked by fetch, and Smartsheet doesn't call it`;
  }
  if (/CERT|certificate|UnknownIssuer|SIGNATURE|TLS|SSL/i.test(words)) {
    return `No TLS connection to ${url.origin} (${
      lastMessage(error)
    }): Smartsheet takes no self-signed certificate either; ` +
      "for a test authority of your own set NODE_EXTRA_CA_CERTS (Node, Bun) or DENO_CERT (Deno)";
  }
  return `No complete answer from ${url.origin}: ${lastMessage(error)}`;
}

function causesOf(error: unknown): { name?: string; code?: string; message?: string; cause?: unknown }[] {
  const causes = [];
  for (let cause = error; typeof cause === "object" && cause !== null; cause = (cause as { cause?: unknown }).cause) {
    causes.push(cause);
  }
  return causes;
}

function wordsOf(error: unknown): string {
  return causesOf(error).map(({ name, code, message }) => `${name} ${code} ${message}`).join(" ");
}

function lastMessage(error: unknown): string {
  const { code, message } = causesOf(error).at(-1) ?? {};
  // OpenSSL adds locations in its own source.
  const [, reason = message] = /SSL routines:[^:]*:([^:]+)/.exec(message ?? "") ?? [];
  return printable(reason || String(code ?? error));
}
