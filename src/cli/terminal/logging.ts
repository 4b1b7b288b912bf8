import {
  configure,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type LogLevel,
  type LogRecord,
} from "@logtape/logtape";
import process from "node:process";
import { errorDetails, loggable, type Logger } from "../../logger.ts";
import { withVisibleControls } from "../../text.ts";
import { createPaint, type Style } from "./paint.ts";

/** How logs are written: for people, or as one JSON object per line. */
export type LogFormat = "pretty" | "json";

const STYLES: Partial<Record<LogLevel, Style>> = { debug: "dim", warning: "yellow", error: "red", fatal: "red" };

const jsonLine = getJsonLinesFormatter();

const paint = createPaint(process.stderr);

const textLine = getTextFormatter({
  timestamp: "date-time",
  timeZone: null,
  level: (level) => paint(STYLES[level], level.padEnd(7)),
  // "bare" also makes control characters visible: a value may come from a request.
  value: "bare",
  format: ({ timestamp, level, message }) => `${timestamp} ${level} ${message}`,
});

/**
 * JSON with the message that a terminal shows: LogTape alone would quote each text in it. Control characters that JSON
 * leaves unescaped (C1, and those that change the direction of a text) are escaped; a parser reads the same text.
 */
function jsonLines(record: LogRecord): string {
  const message = record.message.map((part) => typeof part === "string" ? part : JSON.stringify(part) ?? String(part));
  return withVisibleControls(jsonLine({ ...record, message: [message.join("")] }));
}

/** One line, then the stack and the causes of an error, indented. */
function prettyLines(record: LogRecord): string {
  return textLine(record).replace(/\n$/, `${errorDetails(record.properties.error)}\n`);
}

/** The record without registered secrets; errors among its properties become texts. */
function withoutSecrets(record: LogRecord): LogRecord {
  return {
    ...record,
    message: Object.values(loggable({ ...record.message })),
    properties: loggable(record.properties),
  };
}

/**
 * Sends logs of `level` and above to stderr, and returns the logger. Without a format, a terminal gets text and anything
 * else JSON lines.
 */
export async function startLogging(format: LogFormat | undefined, level: LogLevel): Promise<Logger> {
  const isJson = (format ?? (process.stderr.isTTY ? "pretty" : "json")) === "json";
  const lines = isJson ? jsonLines : prettyLines;
  await configure({
    reset: true,
    sinks: { stderr: (record) => void process.stderr.write(lines(withoutSecrets(record))) },
    loggers: [
      { category: ["sheethook"], lowestLevel: level, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
    ],
  });
  return getLogger(["sheethook"]);
}
