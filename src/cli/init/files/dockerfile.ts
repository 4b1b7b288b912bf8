import { HEALTH_PATH } from "../../../serve/options.ts";
import { SERVE_DEFAULTS } from "../../options/serve_defaults.ts";
import type { Answers } from "../answers.ts";
import { containerPlace, type Names, PACKAGES, settingsOf, sheethookCommand, TESTED } from "../layout.ts";

/** Each runtime's image, its user, and how it runs a line of code. */
const RUNTIMES = {
  node: { image: `node:${TESTED.node}-slim`, user: "node", evaluate: ["node", "-e"] },
  deno: { image: `denoland/deno:${TESTED.deno}`, user: "deno", evaluate: ["deno", "eval"] },
  bun: { image: `oven/bun:${TESTED.bun}-slim`, user: "bun", evaluate: ["bun", "-e"] },
};

/** A Dockerfile for `serve`. */
export function dockerfileText(answers: Answers, { module, manifest }: Names): string {
  const { image, user, evaluate } = RUNTIMES[answers.runtime];
  const { install, lockfile } = PACKAGES[answers.runtime];
  const place = containerPlace(answers);
  const { app, state, port } = place;
  const health = [...evaluate, healthCheck(answers)];
  const command = sheethookCommand(answers, place, "", ["serve", module]);
  const stored = state
    ? {
      SHEETHOOK_INBOX: `sqlite:${state}/sheethook.db`,
      SHEETHOOK_SECRETS_FILE: `${state}/sheethook.secrets.json`,
    }
    : {};
  const settings = { NODE_ENV: "production", ...settingsOf(answers, place), ...stored };
  const volume = `
# The inbox and the webhooks' secrets. A folder: the secrets file is replaced by a rename.
RUN mkdir ${state} && chown ${user}:${user} ${state}
VOLUME ${state}
`;
  return `FROM ${image}
WORKDIR ${app}
COPY ${manifest} ${lockfile} ./
RUN ${install}
COPY . .
${state ? volume : ""}
USER ${user}
ENV ${Object.entries(settings).map(([name, value]) => `${name}=${quote(value)}`).join(" \\\n    ")}
EXPOSE ${port} ${SERVE_DEFAULTS.adminPort}
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \\
  CMD ${listOf(health)}
# A list, not a shell's line: SIGTERM has to reach serve itself.
CMD ${listOf(command)}
`;
}

/** JavaScript that exits with 0 if `serve` answers. Its certificate isn't for this address, so it isn't checked. */
function healthCheck({ tlsEnd }: Answers): string {
  const [module, options] = tlsEnd === "tls" ? ["node:https", ", rejectUnauthorized: false"] : ["node:http", ""];
  return `process.getBuiltinModule("${module}").get({ host: "127.0.0.1", port: process.env.PORT, ` +
    `path: "${HEALTH_PATH}"${options} }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1))` +
    `.on("error", () => process.exit(1))`;
}

function listOf(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;
}

/** A value of ENV, in which `$` stands for a variable. */
function quote(text: string): string {
  return `"${text.replaceAll(/["\\$]/g, "\\$&")}"`;
}
