import process from "node:process";
import { registerSecret } from "../../redact.ts";
import { parseSecrets } from "./secrets.ts";

/** Registers the secrets in the environment and the inbox's URL, so that no log shows them. */
export function registerServeSecrets(inboxUrl: string): void {
  const { SHEETHOOK_SECRET, SHEETHOOK_SECRETS_KEY, SHEETHOOK_ADMIN_TOKEN, SMARTSHEET_ACCESS_TOKEN } = process.env;
  const isPostgres = /^postgres(ql)?:/.test(inboxUrl);
  const all = [
    ...parseSecrets(SHEETHOOK_SECRET),
    SHEETHOOK_SECRETS_KEY,
    SHEETHOOK_ADMIN_TOKEN,
    SMARTSHEET_ACCESS_TOKEN,
    ...(isPostgres ? [...passwordsOf(inboxUrl), process.env.PGPASSWORD] : []),
  ];
  for (const secret of all) if (secret) registerSecret(secret);
}

/** Passwords before the host, or among the parameters. */
function passwordsOf(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { password, searchParams } = new URL(url);
  const decoded = () => {
    try {
      return decodeURIComponent(password);
    } catch {
      return password;
    }
  };
  return [password, decoded(), searchParams.get("password") ?? ""];
}
