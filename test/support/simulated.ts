// A simulator, in process, and what a test needs to talk to it.
import assert from "node:assert/strict";
import type { Delivery } from "../../src/simulator/simulator.ts";
import { createSimulator, type Simulator, type SimulatorOptions } from "../../src/simulator/simulator.ts";

/** A request that a receiver got. */
export interface Received {
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** How a receiver answers; challenges are answered as they should be unless it wants otherwise. */
export type Answer = (received: Received, count: number) => Response | Promise<Response>;

export const ok = (): Response => new Response();

/** Answers a challenge. */
export function echo({ headers }: Received): Response {
  return new Response(null, { headers: { "Smartsheet-Hook-Response": headers.get("Smartsheet-Hook-Challenge")! } });
}

/** A simulator with a receiver that keeps what it got. */
export function createSimulated(options: SimulatorOptions = {}, answer: Answer = ok, answerChallenge: Answer = echo) {
  const callbacks: Received[] = [];
  const challenges: Received[] = [];
  const simulator = createSimulator({
    seed: 1,
    debounceMs: 1,
    speed: 1e9,
    fetch: async (url, { body, headers, signal }) => {
      const text = typeof body === "string" ? body : new TextDecoder().decode(body as Uint8Array);
      const received = { url, headers: new Headers(headers), text, body: JSON.parse(text) };
      const isChallenge = received.headers.has("Smartsheet-Hook-Challenge");
      const list = isChallenge ? challenges : callbacks;
      list.push(received);
      const aborted = new Promise<never>((_, reject) => {
        signal!.addEventListener("abort", () => reject(new Error("aborted")));
      });
      return await Promise.race([(isChallenge ? answerChallenge : answer)(received, list.length), aborted]);
    },
    ...options,
  });
  return { simulator, callbacks, challenges, ...createCalls(simulator) };
}

/** The API of a simulator, without a server between. */
export function createCalls({ fetch, idle }: Simulator) {
  // deno-lint-ignore no-explicit-any
  type Any = any;

  async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: { authorization: "Bearer any", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await fetch(request);
    return { status: response.status, body: await response.json() as Any };
  }
  async function call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Any> {
    const answer = await ask(method, path, body, headers);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }
  /** A sheet with the columns A (primary), B and C. */
  async function createSheet(): Promise<Any> {
    const columns = ["A", "B", "C"].map((title, index) => ({ title, type: "TEXT_NUMBER", primary: index === 0 }));
    return (await call("POST", "/2.0/sheets", { name: "Orders", columns })).result;
  }
  async function createWebhook(scopeObjectId: number, attributes: Record<string, unknown> = {}): Promise<Any> {
    return (await call("POST", "/2.0/webhooks", {
      name: "test",
      callbackUrl: "http://127.0.0.1/webhook",
      scope: "sheet",
      scopeObjectId,
      events: ["*.*"],
      version: 1,
      ...attributes,
    })).result;
  }
  async function enable(id: number): Promise<Any> {
    return (await call("PUT", `/2.0/webhooks/${id}`, { enabled: true })).result;
  }
  async function enabledWebhook(scopeObjectId: number, attributes?: Record<string, unknown>): Promise<Any> {
    const result = await enable((await createWebhook(scopeObjectId, attributes)).id);
    assert.equal(result.status, "ENABLED", result.disabledDetails);
    return result;
  }
  const statusOf = async (id: number): Promise<Any> => await call("GET", `/2.0/webhooks/${id}`);
  const deliveries = async (query = ""): Promise<Delivery[]> => await call("GET", `/_simulator/deliveries${query}`);
  return { ask, call, createSheet, createWebhook, enable, enabledWebhook, statusOf, deliveries, idle };
}

/** What happened, without who and when. */
export function patternsOf(received: Received): string[] {
  return received.body.events.map((event: { objectType: string; eventType: string }) =>
    `${event.objectType}.${event.eventType}`
  );
}
