import {
  configure,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type LogLevel,
  type LogRecord,
} from "@logtape/logtape";
import process from "node:process";
import type { Logger } from "../logger.ts";
import { createPaint, type Style } from "./paint.ts";

/** How logs are written: for people, or one JSON object a line. */
export type LogFormat = "pretty" | "json";

const STYLES: Partial<Record<LogLevel, Style>> = { debug: "dim", warning: "yellow", error: "red", fatal: "red" };

const jsonLine = getJsonLinesFormatter();

/** JSON, whose message reads as on a terminal: by itself LogTape quotes each text that stands in it. */
function jsonLines(record: LogRecord): string {
  const message = record.message.map((part) => typeof part === "string" ? part : JSON.stringify(part) ?? String(part));
  return jsonLine({ ...record, message: [message.join("")] });
}

/**
 * Sends the logs to stderr, from `level` up, and returns the logger that everything here uses. Without a format they are
 * for people on a terminal, and JSON lines elsewhere.
 */
export async function startLogging(format: LogFormat | undefined, level: LogLevel): Promise<Logger> {
  const paint = createPaint(process.stderr);
  const formatter = (format ?? (process.stderr.isTTY ? "pretty" : "json")) === "json" ? jsonLines : getTextFormatter({
    timestamp: "date-time",
    timeZone: null,
    level: (level) => paint(STYLES[level], level.padEnd(7)),
    // "bare" also makes control characters visible: a value may come from outside.
    value: "bare",
    format: ({ timestamp, level, message }) => `${timestamp} ${level} ${message}`,
  });
  await configure({
    reset: true,
    sinks: { stderr: (record) => void process.stderr.write(formatter(record)) },
    loggers: [
      { category: ["sheethook"], lowestLevel: level, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
    ],
  });
  return getLogger(["sheethook"]);
}
