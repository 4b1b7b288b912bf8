/** What an alert is about. `test` is the message of `sheethook alert test`. */
export type AlertType =
  | "webhook_disabled"
  | "dead_letters"
  | "lane_held"
  | "sheet_silent"
  | "events_missed"
  | "inbox_unwritable"
  | "test";

/** An alert as it is told, and as a target gets it that isn't Slack or Teams. It holds no value of a sheet, and no secret. */
export interface Alert {
  readonly type: AlertType;
  /** `over`: it was raised before, and isn't so any more. */
  readonly state: "raised" | "over";
  /** The ids that it is about: none for `dead_letters`, `inbox_unwritable` and `test`. */
  readonly subject: {
    readonly webhookId?: number;
    /** The sheet, or the plan. */
    readonly sheetId?: number;
    /** The inbox's own number of a callback, for `sheethook inbox show`. */
    readonly callbackId?: number;
  };
  /** One line. */
  readonly title: string;
  /** What it means, and what to do. */
  readonly text: string;
  /** Of `events_missed`: rows that no callback had told of. Of `dead_letters`: how many there are. */
  readonly counts?: Readonly<Record<string, number>>;
  /** When it was noticed, ISO 8601. */
  readonly at: string;
  /** The machine that noticed it; not on Deno, which would ask for a permission. */
  readonly host?: string | undefined;
}

/** What there is to tell, without when and where. */
export type News = Omit<Alert, "at" | "host">;
