/** What `serve` does unless it is told otherwise: `init` writes files that rely on it. */
export const SERVE_DEFAULTS = {
  port: 8000,
  path: "/webhook",
  adminPort: 9464,
  /** Time for handlers on stop. */
  stopTimeout: "25s",
} as const;
