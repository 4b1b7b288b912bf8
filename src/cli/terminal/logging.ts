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

/** How logs are written: for people, or one JSON object a line. */
export type LogFormat = "pretty" | "json";

const STYLES: Partial<Record<LogLevel, Style>> = { debug: "dim", warning: "yellow", error: "red", fatal: "red" };

const jsonLine = getJsonLinesFormatter();

const paint = createPaint(process.stderr);

const textLine = getTextFormatter({
  timestamp: "date-time",
  timeZone: null,
  level: (level) => paint(STYLES[level], level.padEnd(7)),
  // "bare" also makes control characters visible: a value may come from outside.
  value: "bare",
  format: ({ timestamp, level, message }) => `${timestamp} ${level} ${message}`,
});

/**
 * JSON, whose message reads as on a terminal: by itself LogTape quotes each text that stands in it. Control characters that
 * JSON leaves as they are, C1 and those that turn the direction of a text, are escaped: the line is the same to who parses it.
 */
function jsonLines(record: LogRecord): string {
  const message = record.message.map((part) => typeof part === "string" ? part : JSON.stringify(part) ?? String(part));
  return withVisibleControls(jsonLine({ ...record, message: [message.join("")] }));
}

/** One line, and behind it the stack and the causes of an error, indented. */
function prettyLines(record: LogRecord): string {
  return textLine(record).replace(/\n$/, `${errorDetails(record.properties.error)}\n`);
}

/** The record without secrets, whoever logs it: see `registerSecret`. Errors among its properties become texts. */
function withoutSecrets(record: LogRecord): LogRecord {
  return {
    ...record,
    message: Object.values(loggable({ ...record.message })),
    properties: loggable(record.properties),
  };
}

/**
 * Sends the logs to stderr, from `level` up, and returns the logger that everything here uses. Without a format they are
 * for people on a terminal, and JSON lines elsewhere.
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
