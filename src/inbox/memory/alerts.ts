import type { RaisedAlert, RaisedAlerts } from "../alerts.ts";

/** The alerts of a memory inbox. */
export function createMemoryAlerts(): RaisedAlerts {
  const raised = new Map<string, RaisedAlert>();
  const keyOf = ({ kind, subject }: RaisedAlert) => `${kind} ${subject}`;
  return {
    list: async () => [...raised.values()].sort((one, other) => one.raisedAt - other.raisedAt),
    async raise(alert) {
      if (raised.has(keyOf(alert))) return false;
      raised.set(keyOf(alert), { ...alert });
      return true;
    },
    end: async (alert) => raised.get(keyOf(alert))?.raisedAt === alert.raisedAt && raised.delete(keyOf(alert)),
  };
}
