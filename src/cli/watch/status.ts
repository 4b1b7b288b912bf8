/** What a webhook's status means, and what can be done about it. */
export interface StatusFacts {
  readonly meaning: string;
  /** undefined while there is nothing to do. */
  readonly toDo?: string;
  /** What `watch` does: enables it, rarely tries to, or leaves it alone. */
  readonly remedy: "none" | "enable" | "enable rarely" | "wait" | "leave";
}

const DOCTOR = "see what `sheethook doctor URL` says of the receiver";

/** https://developers.smartsheet.com/api/smartsheet/guides/webhooks/webhook-status */
export function factsOf(status: string): StatusFacts {
  return FACTS[status] ?? {
    meaning: "a status that Smartsheet's documentation didn't have when this was written",
    toDo: "see Smartsheet's documentation of webhooks",
    remedy: "leave",
  };
}

const FACTS: Readonly<Record<string, StatusFacts>> = {
  ENABLED: { meaning: "active", remedy: "none" },
  NEW_NOT_VERIFIED: {
    meaning: "never enabled yet",
    toDo: "enable it (`sheethook webhooks enable`) while the receiver runs",
    remedy: "enable",
  },
  DISABLED_VERIFICATION_FAILED: {
    meaning: "a challenge wasn't answered as it should be",
    toDo: `${DOCTOR}, then enable it (\`sheethook webhooks enable\`)`,
    remedy: "enable",
  },
  DISABLED_CALLBACK_FAILED: {
    meaning: "a callback got an answer that isn't retried, or its 14 retries failed, too",
    toDo: `${DOCTOR}, then enable it (\`sheethook webhooks enable\`)`,
    remedy: "enable",
  },
  DISABLED_EXCEEDED_GRID_LIMITS: {
    meaning: "the sheet is too large for a webhook: over 20,000 rows, 400 columns or 500,000 cells",
    toDo: "make the sheet smaller, then enable it (`sheethook webhooks enable`); a watch tries it every 6 hours",
    remedy: "enable rarely",
  },
  DISABLED_SCOPE_INACCESSIBLE: {
    meaning: "its owner has lost access to the sheet",
    toDo: "give its owner access again: it is then enabled by itself",
    remedy: "wait",
  },
  DISABLED_BY_OWNER: {
    meaning: "its owner has switched it off",
    toDo: "leave it, or ask its owner: `sheethook webhooks enable` switches it on",
    remedy: "leave",
  },
  DISABLED_APP_REVOKED: {
    meaning: "the application's access was revoked: it never comes back",
    toDo: "delete it, and make a new one (`sheethook webhooks create`)",
    remedy: "leave",
  },
  DISABLED_ADMINISTRATIVE: {
    meaning: "Smartsheet itself has disabled it",
    toDo: "ask Smartsheet's support",
    remedy: "leave",
  },
};
