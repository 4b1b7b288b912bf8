import { HEALTH_PATH } from "../../../serve/options.ts";
import { SERVE_DEFAULTS } from "../../options/serve_defaults.ts";
import type { Answers } from "../answers.ts";
import {
  callbackUrlOf,
  containerPlace,
  type Names,
  PACKAGES,
  sheethookCommand,
  STOP_GRACE_S,
  unitPlace,
} from "../layout.ts";

/** `sheethook` on a developer's machine. */
const LOCAL = { node: "npx sheethook", deno: "deno run -A npm:sheethook", bun: "bunx --bun sheethook" };

/** The README of the folder: what is in it, and what to do next. */
export function readmeText(answers: Answers, names: Names): string {
  const { runtime, inbox, tlsEnd, port, changeAgent } = answers;
  const url = callbackUrlOf(answers);
  const { module } = names;
  const { add, lockfile } = PACKAGES[runtime];
  const local = LOCAL[runtime];
  const simulated = "SMARTSHEET_API_URL=http://127.0.0.1:8787/2.0 SMARTSHEET_ACCESS_TOKEN=any";
  return `# ${changeAgent}

\`${module}\` holds the handlers; sheethook receives the callbacks of Smartsheet
at ${url} and runs them. Its writes are marked as \`${changeAgent}\`.

## 1. Install

\`\`\`sh
${add}
\`\`\`

Commit \`${lockfile}\` with the rest: the container and the server install exactly what it names.

## 2. Try it without an account

In three terminals: a simulated Smartsheet, which prints two commands for the third terminal, and \`serve\`:

\`\`\`sh
${local} simulate --sheet "Orders:Item,Status"
${simulated} ${local} serve ${module}
\`\`\`

## 3. Fill in the secrets

\`\`\`sh
install -m 600 .env.example .env
\`\`\`

Write the values into \`.env\`, and keep it out of Git: a \`.gitignore\` that was here before needs a line for it.

${tlsEnd === "tls" ? certificateSection(answers) : proxySection(answers)}
## 5. Start it

Either with Docker Compose:

\`\`\`sh
docker compose up --build --detach
\`\`\`

or with systemd, where the unit expects \`${unitPlace(answers).program}\`:

\`\`\`sh
${systemdCommands(answers, names)}
\`\`\`

## 6. Make the webhook

While \`serve\` runs, because Smartsheet sends it a challenge. SHEET_ID is in Smartsheet under File, Properties.

\`\`\`sh
# Docker Compose
${inContainer(answers, ["webhooks", "create", "SHEET_ID", url])}
${inContainer(answers, ["doctor", url])}
# systemd
${underSystemd(answers, ["webhooks", "create", "SHEET_ID", url])}
${underSystemd(answers, ["doctor", url])}
\`\`\`

\`doctor\` calls the URL as Smartsheet would, and says what is wrong and what to do.

## Good to know

- **Health**: \`${HEALTH_PATH}\` on port ${port} answers 200 as long as the process lives.
- **Console**: http://127.0.0.1:${SERVE_DEFAULTS.adminPort}/console shows what was processed and what failed; from elsewhere through
  \`ssh -L ${SERVE_DEFAULTS.adminPort}:127.0.0.1:${SERVE_DEFAULTS.adminPort} SERVER\`.
- **Stopping**: running handlers get ${SERVE_DEFAULTS.stopTimeout} to end. The unit and the compose file wait ${STOP_GRACE_S} s before a kill.
- **Back up** ${
    inbox === "sqlite"
      ? "the volume `sheethook` (systemd: `/var/lib/sheethook`): the inbox, and the webhooks' secrets, which Smartsheet shows only once."
      : "the database (volume `postgres`) and `SHEETHOOK_SECRETS_KEY`: it holds the inbox, and the webhooks' secrets, which Smartsheet shows only once."
  }
`;
}

function proxySection(answers: Answers): string {
  const { domain, port } = answers;
  return `## 4. The proxy

It speaks https to Smartsheet, passes bodies of 10 MiB on unchanged, and never redirects \`${SERVE_DEFAULTS.path}\`. Caddy, which gets
the certificate itself:

\`\`\`caddyfile
${domain} {
  reverse_proxy ${SERVE_DEFAULTS.path} 127.0.0.1:${port}
}
\`\`\`
`;
}

function certificateSection(answers: Answers): string {
  const container = containerPlace(answers);
  const { certificates } = unitPlace(answers);
  return `## 4. The certificate

\`chain.pem\` is the certificate of ${answers.domain} followed by its intermediates, \`key.pem\` its key. Let whatever renews
them copy them again: \`serve\` takes them over within 10 s, without a restart.

- Docker Compose: into \`certs/\`, which the container sees as \`${container.certificates}\`; its user (not root) must be able to read them.
- systemd: into \`${certificates}/\`, with owner root, group sheethook and mode 0640. The first two commands of step 5 make
  the group and the folder.
`;
}

function systemdCommands(answers: Answers, { module, manifest }: Names): string {
  const { app } = unitPlace(answers);
  const { install, lockfile } = PACKAGES[answers.runtime];
  return `sudo useradd --system --no-create-home --shell /usr/sbin/nologin sheethook
sudo install -d ${app} /etc/sheethook
# And whatever else the handlers import:
sudo cp ${module} ${manifest} ${lockfile} ${app}/
(cd ${app} && sudo ${install})
sudo install -m 600 .env /etc/sheethook/sheethook.env
sudo install -m 644 sheethook.service /etc/systemd/system/
sudo systemctl daemon-reload
sudo systemctl enable --now sheethook
journalctl -u sheethook -f`;
}

function inContainer(answers: Answers, args: readonly string[]): string {
  return `docker compose exec sheethook ${sheethookCommand(answers, containerPlace(answers), "", args).join(" ")}`;
}

/** As the user of `serve`, where it runs, with its environment. */
function underSystemd(answers: Answers, args: readonly string[]): string {
  const place = unitPlace(answers);
  const { app, state } = place;
  const options = [
    ...["--pty", "--wait", "--collect", "--quiet", "-p User=sheethook"],
    ...[`-p WorkingDirectory=${state ?? app}`, "-p EnvironmentFile=/etc/sheethook/sheethook.env"],
  ].join(" ");
  return `sudo systemd-run ${options} \\\n  ${sheethookCommand(answers, place, app, args).join(" ")}`;
}
