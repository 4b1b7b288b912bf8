/**
 * Where sheethook tells what it does. A LogTape logger is one as it stands; so is anything with these four.
 * `{name}` in a message stands for the property of that name. No secret and no payload value is ever a property.
 */
export interface Logger {
  debug(message: string, properties?: Record<string, unknown>): void;
  info(message: string, properties?: Record<string, unknown>): void;
  warn(message: string, properties?: Record<string, unknown>): void;
  error(message: string, properties?: Record<string, unknown>): void;
}

/** Warnings and errors on the console, nothing else: what a library may say unasked. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, properties) => console.warn(formatMessage(message, properties)),
  error: (message, properties) => console.error(formatMessage(message, properties)),
};

/** The message with its `{name}`s replaced. */
export function formatMessage(message: string, properties: Record<string, unknown> = {}): string {
  return `sheethook: ${message.replace(/\{(\w+)\}/g, (all, name) => name in properties ? String(properties[name]) : all)}`;
}
