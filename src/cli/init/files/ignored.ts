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

/** A .dockerignore. Its patterns hold in the folder itself alone, unless they begin with two stars. */
export function dockerignoreText(): string {
  const everywhere = ["node_modules", ...SECRETS].map((name) => name.replace(/\/$/, "").replace(/^(!?)/, "$1**/"));
  const others = [".git", "Dockerfile", "compose.yaml", "sheethook.service", "*.md"];
  return `${[...everywhere, ...others].join("\n")}\n`;
}
