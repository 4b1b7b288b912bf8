import { type AcceptedCallback, createReceiver } from "../../mod.ts";

interface Env {
  SMARTSHEET_SECRET: string;
  CALLBACKS: { send(callback: AcceptedCallback): Promise<unknown> };
}

interface Batch {
  messages: { body: AcceptedCallback; attempts: number; ack(): void; retry(options: { delaySeconds: number }): void }[];
}

const receiverOf = (env: Env) =>
  createReceiver({
    secrets: env.SMARTSHEET_SECRET,
    inbox: { put: (callback) => env.CALLBACKS.send(callback) },
  }).on("row.created", (event) => console.log(`Row ${event.id} was created`));

export default {
  fetch: (request: Request, env: Env) => receiverOf(env).fetch(request),

  async queue(batch: Batch, env: Env) {
    const receiver = receiverOf(env);
    for (const message of batch.messages) {
      const result = await receiver.run(message.body, { attempt: message.attempts });
      if (result.done) message.ack();
      else message.retry({ delaySeconds: Math.ceil(result.retryAfterMs / 1000) });
    }
  },
};
