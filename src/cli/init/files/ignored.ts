/** What must get neither into Git nor into an image. */
const SECRETS = [
  ".env",
  ".env.*",
  "!.env.example",
  "sheethook.secrets.json*",
  "certs/",
  "*.pem",
  "*.db",
  "*.db-shm",
  "*.db-wal",
];

/** A .gitignore. */
export function gitignoreText(): string {
  return `${["node_modules/", ...SECRETS].join("\n")}\n`;
}

/** A .dockerignore. */
export function dockerignoreText(): string {
  const names = [".git", "node_modules", ...SECRETS, "Dockerfile", "compose.yaml", "sheethook.service", "*.md"];
  return `${names.map((name) => name.replace(/\/$/, "")).join("\n")}\n`;
}
