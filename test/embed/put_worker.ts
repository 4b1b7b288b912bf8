// Answers what its inbox was given, as JSON.
import { type AcceptedCallback, createReceiver } from "../../mod.ts";
import { SECRET } from "../support/callbacks.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    let put: AcceptedCallback | undefined;
    const receiver = createReceiver({ secrets: SECRET, inbox: { put: (callback) => void (put = callback) } });
    const { status } = await receiver.fetch(request);
    return Response.json({ status, put });
  },
};
