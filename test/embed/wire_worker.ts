// The receivers of the wire suite as a Worker: `/NAME` is the receiver of that name.
import type { Receiver } from "../../mod.ts";
import { createWireReceivers } from "../suites/wire_receivers.ts";

let receivers: Record<string, Receiver> | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    receivers ??= await createWireReceivers();
    return receivers[new URL(request.url).pathname.slice(1)]!.fetch(request);
  },
};
