import type { MiddlewareHandler } from "hono";
import { ApiError, notAuthorized } from "../api_error.ts";
import type { FaultName } from "../faults.ts";
import type { SimulatorSettings } from "../options.ts";
import { rateLimitExceeded } from "./rate_limit.ts";

/** Instead of what was asked for. */
const ERRORS: Readonly<Partial<Record<FaultName, () => ApiError>>> = {
  "rate-limit": rateLimitExceeded,
  "bad-token": () => new ApiError(401, 1002, "Your Access Token is invalid."),
  "no-access": notAuthorized,
  "server-error": () => new ApiError(500, 4000, "An unexpected error has occurred."),
  "maintenance": () => new ApiError(503, 4001, "Smartsheet.com is currently offline for system maintenance."),
  "server-timeout": () => new ApiError(500, 4002, "Server timeout exceeded. Request has failed."),
};

/** Answers that aren't the API's, by a proxy or a page to sign in. */
const PAGES: Readonly<Partial<Record<FaultName, readonly [status: 200 | 502, title: string]>>> = {
  "html-page": [200, "Log In | Smartsheet"],
  "bad-gateway": [502, "502 Bad Gateway"],
};

/** Lets requests to the API fail. */
export function createApiFaults({ strikes }: SimulatorSettings): MiddlewareHandler {
  return async (context, next) => {
    for (const [fault, createError] of Object.entries(ERRORS)) if (strikes(fault as FaultName)) throw createError();
    for (const [fault, [status, title]] of Object.entries(PAGES)) {
      if (strikes(fault as FaultName)) {
        return context.html(`<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`, status);
      }
    }
    const isUnanswered = strikes("no-answer");
    const isCut = strikes("half-json");
    await next();
    if (isUnanswered) await aborted(context.req.raw.signal);
    if (isCut) {
      const { status, headers } = context.res;
      const text = await context.res.text();
      const kept = new Headers(headers);
      kept.delete("content-length");
      context.res = new Response(text.slice(0, Math.floor(text.length / 2)), { status, headers: kept });
    }
  };
}

/** Resolves when the client gives up. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve());
  });
}
