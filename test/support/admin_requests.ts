import { type AdminOptions, createAdmin } from "../../src/console/admin.ts";
import { createLog } from "./callbacks.ts";
import { type FilledInbox, filledInbox } from "./filled_inbox.ts";

export const ORIGIN = "http://127.0.0.1:9464";

/** An admin port in this process, and what one asks of it. */
export function openAdmin(options: Partial<AdminOptions> = {}, filled: FilledInbox = filledInbox()) {
  const log = createLog();
  const admin = createAdmin({ inbox: filled.inbox, logger: log, ...options });
  async function ask(path: string, init: RequestInit = {}, origin = ORIGIN) {
    const response = await admin.fetch(new Request(origin + path, init));
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
  const post = (path: string, form: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    ask(path, {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded", ...headers },
      body: new URLSearchParams(form).toString(),
    });
  return { ...filled, admin, log, ask, post };
}
