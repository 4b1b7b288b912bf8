import type { Answers } from "../answers.ts";

/** The secrets, with no value: a template for compose's `.env` and the unit's EnvironmentFile. */
export function envExampleText({ inbox }: Answers): string {
  const postgres = `
# The key of the webhooks' secrets in the database, 32 characters or more: openssl rand -base64 32
SHEETHOOK_SECRETS_KEY=

# Compose: the password of the database, without characters that a URL would need to encode: openssl rand -hex 32
POSTGRES_PASSWORD=

# systemd: the database. Compose sets it itself.
# postgres://USER:PASSWORD@HOST:5432/DATABASE
SHEETHOOK_INBOX=
`;
  return `# Copy it, fill it in, keep it out of Git, and let nobody else read it (mode 0600).
# For Docker Compose it is .env, for systemd /etc/sheethook/sheethook.env.
# A blank variable counts as not set. Comments stand on lines of their own.

# The access token of the webhooks' owner. Smartsheet: Account, Personal Settings, API Access
SMARTSHEET_ACCESS_TOKEN=

# Accounts outside of the US: the URL of their API
SMARTSHEET_API_URL=

# Enables a webhook that Smartsheet has disabled.
SHEETHOOK_WATCH=1

# Where to say that something is wrong: URLs of Slack, Teams or others, with commas
SHEETHOOK_ALERT_URL=

# Opens the console, 16 characters or more: openssl rand -hex 32
SHEETHOOK_ADMIN_TOKEN=
${inbox === "postgres" ? postgres : ""}`;
}
