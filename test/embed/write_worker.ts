// Writes back to the API while it answers: 200 if the write went through, 500 if it didn't.
import { createReceiver } from "../../mod.ts";
import { SECRET } from "../support/callbacks.ts";

export default {
  fetch(request: Request, { API_URL }: { API_URL: string }): Promise<Response> {
    const receiver = createReceiver({ secrets: SECRET, changeAgent: "inventory-sync", apiUrl: API_URL });
    receiver.on("row.updated", async (event, context) => {
      await context.fetch(`${API_URL}/sheets/1/rows/${event.id}`, { method: "PUT", body: "{}" });
    });
    return receiver.fetch(request);
  },
};
