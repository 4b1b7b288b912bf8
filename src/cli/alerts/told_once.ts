import type { RaisedAlert, RaisedAlerts } from "../../inbox/alerts.ts";
import type { News } from "./alert.ts";

/** Tells what all processes of an inbox see, once: one of them. The inbox remembers it, also over a restart. */
export interface ToldOnce {
  /** Tells it, unless one of this kind and subject was told and isn't over. @param seenAt when it was seen */
  raise(kind: string, subject: string, seenAt: number, news: News): Promise<void>;
  /** Tells it, if one was told. @param seenAt when it was seen to be over: one that was raised later isn't */
  end(kind: string, subject: string, seenAt: number, news: News): Promise<void>;
  /** Those of this kind that were told, and aren't over. */
  raised(kind: string): Promise<readonly RaisedAlert[]>;
}

export function createToldOnce(alerts: RaisedAlerts, tell: (news: News) => void): ToldOnce {
  async function find(kind: string, subject: string) {
    return (await alerts.list()).find((alert) => alert.kind === kind && alert.subject === subject);
  }
  return {
    async raise(kind, subject, seenAt, news) {
      if (await find(kind, subject)) return;
      if (await alerts.raise({ kind, subject, raisedAt: Math.floor(seenAt) })) tell(news);
    },
    async end(kind, subject, seenAt, news) {
      const alert = await find(kind, subject);
      if (alert && alert.raisedAt <= seenAt && await alerts.end(alert)) tell(news);
    },
    raised: async (kind) => (await alerts.list()).filter((alert) => alert.kind === kind),
  };
}
