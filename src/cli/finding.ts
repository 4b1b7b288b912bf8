import { printable } from "../printable.ts";

/** One thing that `doctor` has to say. */
export interface Finding {
  /** `unchecked` is what couldn't be found out. */
  readonly severity: "error" | "warning" | "unchecked" | "ok";
  /** What was looked at, as one word. */
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

/** As a compiler writes it: one line, with what to do. */
export function findingText({ severity, check, text, toDo }: Finding): string {
  return printable(`${`${severity}[${check}]`.padEnd(24)} ${text}${toDo ? `; what to do: ${toDo}` : ""}`);
}

/** How many of each there are. */
export function summaryText(findings: readonly Finding[]): string {
  const count = (severity: Finding["severity"]) => findings.filter((finding) => finding.severity === severity).length;
  const [errors, warnings, open] = [count("error"), count("warning"), count("unchecked")];
  return [
    `${errors || "no"} error${errors === 1 ? "" : "s"}`,
    `${warnings || "no"} warning${warnings === 1 ? "" : "s"}`,
    ...(open ? [`${open} unchecked`] : []),
  ].join(", ");
}
