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

/** The same logger, but for what it throws: an answer to Smartsheet can't depend on a log. */
export function createQuietLogger(logger: Logger): Logger {
  const quiet = (level: keyof Logger): Logger[keyof Logger] => (message, properties) => {
    try {
      logger[level](message, properties);
    } catch { /* There is nowhere left to say it. */ }
  };
  return { debug: quiet("debug"), info: quiet("info"), warn: quiet("warn"), error: quiet("error") };
}

/** The message with its `{name}`s replaced. */
export function formatMessage(message: string, properties: Record<string, unknown> = {}): string {
  const filled = message.replace(/\{(\w+)\}/g, (all, name) => name in properties ? String(properties[name]) : all);
  // What came from outside can't begin a line of its own.
  // deno-lint-ignore no-control-regex
  return `sheethook: ${filled.replace(/[\x00-\x1f\x7f]/g, " ")}`;
}
