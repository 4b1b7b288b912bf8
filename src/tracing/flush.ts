import { trace } from "@opentelemetry/api";

/** What the providers of SDKs have. */
interface Provider {
  readonly forceFlush?: () => Promise<unknown>;
  readonly getDelegate?: () => Provider;
}

/** Hands over to the exporter all spans that have ended. Never rejects: the SDK logs why it fails. */
export async function flush(): Promise<void> {
  const provider = trace.getTracerProvider() as Provider;
  try {
    await (provider.getDelegate?.() ?? provider).forceFlush?.();
  } catch {
    // The SDK has logged it.
  }
}
