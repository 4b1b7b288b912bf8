import { readFileSync, writeFileSync } from "node:fs";
import { type Api, createApi } from "../../../src/api/api.ts";
import { createLog } from "../../support/callbacks.ts";

/** An API client that counts its requests. */
export function countedApi(apiUrl: string): { readonly api: Api; readonly requests: () => number } {
  let requests = 0;
  const api = createApi({
    token: "token-of-bench",
    apiUrl,
    logger: createLog(),
    fetch(request) {
      requests++;
      return globalThis.fetch(request);
    },
  });
  return { api, requests: () => requests };
}

/** Begins to watch the memory. @returns the most that the process has had since, over what it has now, in MiB */
export function watchMemory(): () => number {
  const statusMiB = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
  // The peak so far is that of the start.
  writeFileSync("/proc/self/clear_refs", "5");
  const idleMiB = statusMiB("VmRSS");
  return () => statusMiB("VmHWM") - idleMiB;
}
