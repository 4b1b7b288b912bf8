/** What is kept as the error of an attempt that never ended. */
export const NEVER_ENDED = "Never ended: its process was killed, or lost its lease";
