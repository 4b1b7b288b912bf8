import type { History } from "./history.ts";
import type { Plan } from "./plan.ts";
import type { Process } from "./process.ts";
import { sleep } from "./smartsheet.ts";
import type { Weather } from "./weather.ts";

/** The fetch of a process to the targets that callbacks are forwarded to. */
export type TargetFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Targets that do as their like do: mostly they answer. */
export function createTargets(
  { plan, history, weather }: { readonly plan: Plan; readonly history: History; readonly weather: Weather },
): (process: Process) => TargetFetch {
  const random = plan.stream("target");

  async function answer(): Promise<Response> {
    await sleep(random.next() * 200);
    const rate = weather.rate("target");
    if (!rate || !random.chance(rate)) return new Response(null, { status: random.pick([200, 202, 204]) });
    const how = random.next();
    if (how < 0.1) return new Response(null, { status: 410 });
    if (how < 0.3) return new Response(null, { status: random.pick([429, 503]), headers: { "retry-after": "7" } });
    if (how < 0.5) await sleep(random.between(1, 60_000));
    else if (how < 0.6) return await new Promise(() => {});
    else if (how < 0.7) throw new TypeError("connection reset");
    return new Response(null, { status: random.pick([200, 301, 400, 401, 500, 502]) });
  }

  return (process) => (input, init) => {
    const target = String(input);
    const headers = new Headers(init?.headers);
    const id = headers.get("webhook-id")!;
    const { data } = JSON.parse(String(init?.body));
    const sheet: number = data.scopeObjectId ?? data.sheet?.id ?? data.sheetId;
    const message = { process: process.name, target, id, sheet };
    return process.gate("target", async () => {
      history.add({ what: "forwards", ...message, changeAgent: headers.get("smartsheet-change-agent") });
      const abandoned = new Promise<undefined>((resolve) => {
        init?.signal?.addEventListener("abort", () => resolve(undefined));
      });
      try {
        const answered = await Promise.race([answer(), abandoned]);
        history.add({ what: "forwarded", ...message, status: answered?.status ?? 0 });
        if (!answered) throw init!.signal!.reason;
        return answered;
      } catch (error) {
        if (error instanceof TypeError) history.add({ what: "forwarded", ...message, status: 0 });
        throw error;
      }
    });
  };
}
