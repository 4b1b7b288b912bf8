import { PROBE_HEADER } from "../../callback/probe.ts";
import { CHALLENGE_HEADER, SIGNATURE_HEADER } from "../../smartsheet/headers.ts";
import { signBody } from "../../receive/signature.ts";
import { type Probe, type ProbeAnswer, sendProbe } from "../send/probe.ts";
import { doctorEvents, doctorStatus, sampleChallenge } from "../send/sample_body.ts";
import { VERSION } from "../version.ts";

/** An answer, or why there is none. */
export type Outcome = ProbeAnswer | Error;

/** The requests that `doctor` sends to a receiver. */
export interface Probes {
  /** The duration of each request, with its name. */
  readonly times: { readonly name: string; readonly ms: number }[];
  get(): Promise<Outcome>;
  challenge(webhookId: number, url?: URL): Promise<{ readonly challenge: string; readonly outcome: Outcome }>;
  /** Events that sheethook calls no handler for; signed with `secret`, with another secret, or not at all. */
  events(count: number, signing: "signed" | "forged" | "unsigned"): Promise<Outcome>;
  status(): Promise<Outcome>;
}

export function createProbes(
  url: URL,
  { webhookId, secret, timeoutMs }: { webhookId: number; secret: string | undefined; timeoutMs: number },
): Probes {
  const times: Probes["times"] = [];
  const sample = { webhookId, sheetId: 1 };

  async function send(name: string, probe: Probe, to = url): Promise<Outcome> {
    try {
      const headers = { ...probe.headers, [PROBE_HEADER]: VERSION };
      const answer = await sendProbe(to, { ...probe, headers }, timeoutMs);
      if (to === url) times.push({ name, ms: answer.ms });
      return answer;
    } catch (error) {
      return error as Error;
    }
  }

  async function signed(body: string, key: string): Promise<Probe> {
    return { body, headers: { [SIGNATURE_HEADER]: await signBody(body, key) } };
  }

  return {
    times,
    get: () => send("GET", { method: "GET" }, new URL(url)),
    async challenge(webhookId, to) {
      const challenge = crypto.randomUUID();
      const body = sampleChallenge({ ...sample, webhookId }, challenge);
      return {
        challenge,
        outcome: await send("the challenge", { body, headers: { [CHALLENGE_HEADER]: challenge } }, to),
      };
    },
    async events(count, signing) {
      const body = doctorEvents(sample, count);
      if (signing === "unsigned") return await send("an unsigned callback", { body });
      const key = signing === "signed" ? secret! : crypto.randomUUID();
      return await send(`a callback of ${body.length} bytes`, await signed(body, key));
    },
    status: async () => await send("a status callback", await signed(doctorStatus(sample, "ENABLED"), secret!)),
  };
}
