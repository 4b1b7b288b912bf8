import { printable } from "../../text.ts";
import type { Layout, Style } from "../terminal/paint.ts";
import { wrapText } from "../terminal/table.ts";

/** One result of `doctor`. */
export interface Finding {
  /** `unchecked` if the check wasn't possible. */
  readonly severity: "error" | "warning" | "unchecked" | "ok";
  /** The name of the check, one word. */
  readonly check: string;
  readonly text: string;
  /** What to do about it. */
  readonly toDo?: string;
}

export function error(check: string, text: string, toDo: string): Finding {
  return { severity: "error", check, text, toDo };
}

export function warning(check: string, text: string, toDo: string): Finding {
  return { severity: "warning", check, text, toDo };
}

export function unchecked(check: string, text: string, toDo: string): Finding {
  return { severity: "unchecked", check, text, toDo };
}

export function fine(check: string, text: string): Finding {
  return { severity: "ok", check, text };
}

const STYLES: Readonly<Record<Finding["severity"], Style>> = {
  error: "red",
  warning: "yellow",
  unchecked: "cyan",
  ok: "green",
};
const INDENT = 25;

/** One line, as of a compiler, with what to do; wrapped on a terminal. */
export function findingText(
  { severity, check, text, toDo }: Finding,
  { width, paint = (_, text) => text }: Partial<Layout> = {},
): string {
  const name = `${severity}[${check}]`;
  const line = printable(`${name.padEnd(INDENT - 1)} ${text}${toDo ? `; what to do: ${toDo}` : ""}`);
  return wrapText(line, width, INDENT).replace(severity, paint(STYLES[severity], severity));
}

/** The number of findings by severity. */
export function summaryText(findings: readonly Finding[]): string {
  const count = (severity: Finding["severity"]) => findings.filter((finding) => finding.severity === severity).length;
  const [errors, warnings, open] = [count("error"), count("warning"), count("unchecked")];
  return [
    `${errors || "no"} error${errors === 1 ? "" : "s"}`,
    `${warnings || "no"} warning${warnings === 1 ? "" : "s"}`,
    ...(open ? [`${open} unchecked`] : []),
  ].join(", ");
}
