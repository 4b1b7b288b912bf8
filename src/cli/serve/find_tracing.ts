import { errorText } from "../../error_text.ts";
import { propertyOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { OpenTelemetryTracing } from "../../tracing/tracing.ts";

/** Undefined if `@opentelemetry/api` isn't installed. @param route the path of the callback URL */
export async function findTracing(route: string, logger: Logger): Promise<OpenTelemetryTracing | undefined> {
  try {
    const { createTracing } = await import("../../tracing/tracing.ts");
    return createTracing({ route });
  } catch (error) {
    if (!isMissing(error)) {
      logger.warn("@opentelemetry/api can't be loaded, so there are no traces: {error}", { error: errorText(error) });
    }
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return /MODULE_NOT_FOUND$/.test(String(propertyOf(error, "code"))) || propertyOf(error, "name") === "ResolveMessage";
}
