import { createLog } from "../support/callbacks.ts";
import { type Api, type ApiOptions, createApi } from "../../src/api/api.ts";

/** What the API answers next; an error is thrown, as fetch does without an answer. */
export type Scripted = Response | Error;

/** A client whose clock only goes on while it waits, and whose answers are given. */
export interface FakeSmartsheet {
  readonly api: Api;
  /** `METHOD /path?search`, each with the time at which it came. */
  readonly seen: { readonly call: string; readonly at: number; readonly request: Request; readonly body: unknown }[];
  readonly clock: { now: number };
  /** How long it has waited, each time. */
  readonly waits: number[];
}

let tokens = 0;

/** A token that no other test uses up. */
export function freshToken(): string {
  return `token${++tokens}hidden`;
}

/** `script` is answered in turn, its last one for ever. */
export function createFakeSmartsheet(
  script: readonly (() => Scripted)[],
  options: Partial<ApiOptions> = {},
  clock: { now: number } = { now: 1_000_000 },
): FakeSmartsheet {
  const seen: FakeSmartsheet["seen"] = [];
  const waits: number[] = [];
  const api = createApi({
    token: freshToken(),
    now: () => clock.now,
    random: () => 1,
    logger: createLog(),
    async sleep(ms, signal) {
      await Promise.resolve();
      if (signal?.aborted) return;
      waits.push(ms);
      clock.now += ms;
    },
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const text = await request.text();
      seen.push({
        call: `${request.method} ${pathname}${search}`,
        at: clock.now,
        request,
        body: text && JSON.parse(text),
      });
      const answer = script[Math.min(seen.length, script.length) - 1]!();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    ...options,
  });
  return { api, seen, clock, waits };
}

/** A good answer. */
export function ok(json: unknown): () => Response {
  return () => Response.json(json);
}

/** An error as Smartsheet words it. */
export function refused(status: number, errorCode: number, headers: Record<string, string> = {}): () => Response {
  return () => Response.json({ errorCode, message: "It can't be", refId: "b1c2" }, { status, headers });
}
