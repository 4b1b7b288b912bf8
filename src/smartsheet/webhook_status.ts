/** The statuses that Smartsheet documents. https://developers.smartsheet.com/api/smartsheet/guides/webhooks/webhook-status */
export type KnownWebhookStatus =
  | "ENABLED"
  | "NEW_NOT_VERIFIED"
  | "DISABLED_BY_OWNER"
  | "DISABLED_VERIFICATION_FAILED"
  | "DISABLED_CALLBACK_FAILED"
  | "DISABLED_EXCEEDED_GRID_LIMITS"
  | "DISABLED_SCOPE_INACCESSIBLE"
  | "DISABLED_APP_REVOKED"
  | "DISABLED_ADMINISTRATIVE";

/** What a webhook's status means, and what to do about it. */
export interface StatusFacts {
  readonly meaning: string;
  /** undefined while there is nothing to do. */
  readonly toDo?: string;
  /** What a watch does: enable it, try that rarely, wait for Smartsheet to enable it, or leave it alone. */
  readonly remedy: "none" | "enable" | "enable rarely" | "wait" | "leave";
}

const DOCTOR = "check the receiver with `sheethook doctor URL`";

/** The meaning of a status and its remedy, also of a status that isn't documented. */
export function factsOf(status: string): StatusFacts {
  if (Object.hasOwn(FACTS, status)) return FACTS[status as KnownWebhookStatus];
  return {
    meaning: "a status that Smartsheet's documentation didn't list when this was written",
    toDo: "see Smartsheet's documentation of webhooks",
    remedy: "leave",
  };
}

const FACTS: Readonly<Record<KnownWebhookStatus, StatusFacts>> = {
  ENABLED: { meaning: "active", remedy: "none" },
  NEW_NOT_VERIFIED: {
    meaning: "never enabled yet",
    toDo: "enable it (`sheethook webhooks enable`) while the receiver runs",
    remedy: "enable",
  },
  DISABLED_VERIFICATION_FAILED: {
    meaning: "a challenge wasn't answered correctly",
    toDo: `${DOCTOR}, then enable it (\`sheethook webhooks enable\`)`,
    remedy: "enable",
  },
  DISABLED_CALLBACK_FAILED: {
    meaning: "a callback got an answer that Smartsheet doesn't retry, or all of its 14 retries failed",
    toDo: `${DOCTOR}, then enable it (\`sheethook webhooks enable\`)`,
    remedy: "enable",
  },
  DISABLED_EXCEEDED_GRID_LIMITS: {
    meaning: "the sheet is too large for a webhook: over 20,000 rows, 400 columns or 500,000 cells",
    toDo: "make the sheet smaller, then enable it (`sheethook webhooks enable`); a watch tries that every 6 hours",
    remedy: "enable rarely",
  },
  DISABLED_SCOPE_INACCESSIBLE: {
    meaning: "its owner has lost access to the sheet",
    toDo: "give its owner access again: Smartsheet then enables it by itself",
    remedy: "wait",
  },
  DISABLED_BY_OWNER: {
    meaning: "its owner disabled it",
    toDo: "leave it, or ask its owner: `sheethook webhooks enable` enables it",
    remedy: "leave",
  },
  DISABLED_APP_REVOKED: {
    meaning: "the application's access was revoked: it can't be enabled again",
    toDo: "delete it, and create a new one (`sheethook webhooks create`)",
    remedy: "leave",
  },
  DISABLED_ADMINISTRATIVE: {
    meaning: "Smartsheet disabled it",
    toDo: "contact Smartsheet's support",
    remedy: "leave",
  },
};
