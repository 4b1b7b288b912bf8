import { isDiscard, retryDelayOf } from "../../errors.ts";
import { locationText } from "../../forward/answer.ts";
import type { Message } from "../../forward/message.ts";
import { createPost } from "../../forward/post.ts";
import { isReadableOnTheWay, parseTarget } from "../../forward/target.ts";
import { error, type Finding, fine, unchecked, warning } from "./finding.ts";
import { explainSilence } from "./target_silence.ts";

/** A target that is tried, and how. */
export interface TargetExamination {
  /** Its URL. */
  readonly text: string;
  /** Undefined if messages aren't signed. */
  readonly secrets: readonly string[] | undefined;
  readonly timeoutMs: number;
  /** Called with each finding as soon as there is one. */
  readonly report: (finding: Finding) => void;
}

/** What a target did with one message. */
interface Tried {
  /** Undefined if there was none. */
  readonly response: Response | undefined;
  /** What `serve` would make of it; undefined if the message is done. */
  readonly thrown: Error | undefined;
  readonly ms: number;
}

const SLOW_MS = 5000;
/** What libraries of Standard Webhooks allow. */
const TOLERANCE_MS = 300_000;
const NEVER = new AbortController().signal;

/** Sends a target what `serve --forward` would, and says what its answers mean. @throws {SheethookError} `option_invalid` */
export async function examineTarget({ text, secrets, timeoutMs, report }: TargetExamination): Promise<Finding[]> {
  const found: Finding[] = [];
  const add = (finding: Finding) => {
    found.push(finding);
    report(finding);
  };
  const { url } = parseTarget(text);

  async function attempt(secret: readonly string[] | undefined): Promise<Tried> {
    let response: Response | undefined;
    const { send } = createPost(url, {
      secret,
      timeoutMs,
      fetch: async (input, init) => response = await fetch(input, init),
    });
    const start = performance.now();
    const thrown = await send(testMessage(), { signal: NEVER, traceHeaders: () => ({}), fetch }).then(
      () => undefined,
      (error: Error) => error,
    );
    return { response, thrown, ms: performance.now() - start };
  }

  const signed = await attempt(secrets);
  if (isReadableOnTheWay(url)) {
    add(warning("scheme", "The URL is plain http on another machine: messages can be read on the way", "use https"));
  }
  const finding = judge(signed, url, timeoutMs, secrets !== undefined);
  add(finding);
  if (signed.response && signed.ms > SLOW_MS) {
    const toDo = "answer as soon as the work is safe; a sheet's next callbacks wait for it";
    add(warning("time", `The answer took ${Math.round(signed.ms)} ms`, toDo));
  }
  if (finding.severity !== "ok") return found;
  if (secrets) add(judgeForged(await attempt([randomSecret()])));
  else add(unchecked("signature", "Without a secret no message is signed", "set SHEETHOOK_FORWARD_SECRET"));
  return found;
}

function testMessage(): Message {
  return {
    id: `doctor/${crypto.randomUUID()}/test`,
    changeAgent: "sheethook",
    type: "sheethook.test",
    timestamp: new Date().toISOString(),
    origin: { webhookId: 1, scope: "sheet", scopeObjectId: 1 },
    data: {},
  };
}

function judge({ response, thrown }: Tried, url: URL, timeoutMs: number, isSigned: boolean): Finding {
  const what = isSigned ? "A signed test message" : "A test message";
  if (!response) return error("connection", ...explainSilence(url, timeoutMs, thrown));
  const { status } = response;
  const answered = `${what} is answered with ${status}`;
  if (!thrown) return fine("message", answered);
  if (isDiscard(thrown)) {
    return error("message", `${answered}: every callback would be discarded`, "answer 410 only to what nobody wants");
  }
  if (status < 400) {
    const redirected = `${answered}, a redirect${locationText(response.headers)}, which isn't followed`;
    return error("redirect", redirected, "forward to the URL that the redirect leads to");
  }
  if (retryDelayOf(thrown) !== undefined) return warning("message", thrown.message, "try again later");
  if (status === 401 || status === 403) return error("signature", ...explainRefusal(answered, response, isSigned));
  const toDo = status === 404 || status === 405
    ? "check the path, and that POST is allowed there"
    : status < 500 && ![408, 425, 429].includes(status)
    ? "answer 2xx also to a type that the target doesn't know (sheethook.test), or callbacks would become dead letters"
    : "see the target's log; meanwhile callbacks would be tried again, for 3 hours";
  return error("message", answered, toDo);
}

function explainRefusal(answered: string, { headers }: Response, isSigned: boolean): [string, string] {
  if (!isSigned) return [`${answered}, but it isn't signed`, "set SHEETHOOK_FORWARD_SECRET to the target's whsec_..."];
  const apart = Math.abs(Date.parse(headers.get("date") ?? "") - Date.now());
  if (apart > TOLERANCE_MS) {
    return [`${answered}, and its clock is ${Math.round(apart / 1000)} s from the one here`, "set both clocks"];
  }
  return [
    answered,
    "check that the target has one of the secrets in SHEETHOOK_FORWARD_SECRET, and verifies the raw body before it parses it",
  ];
}

function judgeForged({ response, thrown }: Tried): Finding {
  const what = "A message with a wrong signature";
  if (!response) return warning("signature", `${what} gets no answer`, "answer 401");
  if (!thrown) {
    return error(
      "signature",
      `${what} is accepted (${response.status}): anyone can forge messages`,
      "verify webhook-signature with a library of Standard Webhooks, and answer 401 when it is wrong",
    );
  }
  if (isDiscard(thrown) || response.status >= 500) {
    return warning("signature", `${what} is answered with ${response.status}`, "answer 401");
  }
  return fine("signature", `${what} is refused with ${response.status}`);
}

function randomSecret(): string {
  return `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`;
}
