import { formatMessage, type Logger } from "../../src/logger.ts";

/** A logger that keeps what it is told, each as `level sheethook: message`. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (level: string) => (message: string, properties?: Record<string, unknown>) =>
    void lines.push(`${level} ${formatMessage(message, properties)}`);
  return { lines, logger: { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") } };
}
