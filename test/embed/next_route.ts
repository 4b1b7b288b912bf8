// app/webhook/route.ts
import { createReceiver } from "../../mod.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { secretsFile } from "../../src/secrets_file/secrets_file.ts";

export const runtime = "nodejs";

let receiver: ReturnType<typeof createReceiver> | undefined;

/** Stores the callback and answers. It is made with the first request, because `next build` loads this module, too. */
export function POST(request: Request): Promise<Response> {
  receiver ??= createReceiver({ secrets: secretsFile("sheethook.secrets.json"), inbox: sqliteInbox("sheethook.db") });
  return receiver.fetch(request);
}
