import { Counter, Gauge, type Registry } from "prom-client";
import type { ReconcileReason } from "../../callback/reconcile.ts";
import type { Observer } from "../../dispatch/observer.ts";
import type { ReconcileResult } from "../../mirror/reconcile/observe_reconcile.ts";

const REASONS: readonly ReconcileReason[] = ["disabled", "silent", "scheduled", "manual"];
const RESULTS: readonly ReconcileResult[] = ["unchanged", "repaired", "incomplete", "failed"];
const KINDS = ["created", "updated", "deleted"] as const;

/** Counts comparisons of sheets with their mirrors, and the sheets that are silent. */
export function addReconcileMetrics(registry: Registry, silentSheets: () => number): Observer["onReconcile"] & object {
  const registers = [registry];
  const reconciles = new Counter({
    name: "sheethook_reconciles_total",
    help: "Comparisons of whole sheets with their mirrors, by why they were made and how they ended.",
    labelNames: ["reason", "result"],
    registers,
  });
  const missed = new Counter({
    name: "sheethook_changes_missed_total",
    help: "Changed rows that no callback had told of, by what happened to them.",
    labelNames: ["kind"],
    registers,
  });
  // From 0 on: `rate` and `increase` miss the first count of a new series.
  for (const reason of REASONS) for (const result of RESULTS) reconciles.inc({ reason, result }, 0);
  for (const kind of KINDS) missed.inc({ kind }, 0);
  new Gauge({
    name: "sheethook_silent_sheets",
    help: "Sheets that change without any callback telling of it, as this process has noticed.",
    registers,
    collect() {
      this.set(silentSheets());
    },
  });
  return ({ reason, result, found }) => {
    reconciles.inc({ reason, result });
    for (const kind of KINDS) missed.inc({ kind }, found[kind]);
  };
}
