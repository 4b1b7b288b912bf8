import { type AcceptedCallback, createReceiver } from "../../mod.ts";

interface Env {
  /** Not there until the first webhook is made. */
  SMARTSHEET_SECRET?: string;
  CALLBACKS: { send(message: Message): Promise<unknown> };
  /** A bucket of R2: a body that was put can be read at once, which KV doesn't promise. */
  BODIES: {
    put(key: string, body: string): Promise<unknown>;
    get(key: string): Promise<{ text(): Promise<string> } | null>;
    delete(key: string): Promise<void>;
  };
}

/** A message holds at most 128 kB. A bulk edit is larger: then its body is kept in the bucket. */
type Message = AcceptedCallback & { readonly bodyKey?: string };

const LARGEST_MESSAGE = 100_000;

/** The first time included, so the queue's max_retries is one less. */
const ATTEMPTS = 15;

interface Batch {
  messages: { body: Message; attempts: number; ack(): void; retry(options: { delaySeconds: number }): void }[];
}

async function put(env: Env, callback: AcceptedCallback): Promise<void> {
  const size = new TextEncoder().encode(JSON.stringify(callback)).length;
  if (size <= LARGEST_MESSAGE) return void await env.CALLBACKS.send(callback);
  const bodyKey = `bodies/${crypto.randomUUID()}`;
  await env.BODIES.put(bodyKey, callback.body);
  await env.CALLBACKS.send({ ...callback, body: "", bodyKey });
}

/** Undefined if the body is gone: then the message came twice, and was processed the first time. */
async function take(env: Env, { bodyKey, ...callback }: Message): Promise<AcceptedCallback | undefined> {
  if (bodyKey === undefined) return callback;
  const body = await (await env.BODIES.get(bodyKey))?.text();
  return body === undefined ? undefined : { ...callback, body };
}

const receiverOf = (env: Env) =>
  createReceiver({
    secrets: () => env.SMARTSHEET_SECRET ?? [], // without it, challenges are answered and callbacks get 503
    inbox: { put: (callback) => put(env, callback) },
    attempts: ATTEMPTS,
  }).on("row.created", (event) => console.log(`Row ${event.id} was created`));

export default {
  fetch: (request: Request, env: Env) => receiverOf(env).fetch(request),

  async queue(batch: Batch, env: Env) {
    const receiver = receiverOf(env);
    for (const message of batch.messages) {
      const callback = await take(env, message.body);
      const result = callback && await receiver.run(callback, { attempt: message.attempts });
      if (result && !result.done) {
        message.retry({ delaySeconds: Math.ceil(result.retryAfterMs / 1000) });
        continue;
      }
      // What the handlers couldn't do: receiver.run(callback, { attempt: 1, calls: dead }) tries it again.
      if (result?.dead.length) {
        const letter = JSON.stringify({ callback, dead: result.dead });
        await env.BODIES.put(`dead/${callback!.webhookId}/${callback!.nonce}`, letter);
      }
      message.ack();
      if (message.body.bodyKey) await env.BODIES.delete(message.body.bodyKey);
    }
  },
};
