import { CALLBACK_PORTS } from "../../../smartsheet/ports.ts";
import { SERVE_DEFAULTS } from "../../options/serve_defaults.ts";
import type { Answers } from "../answers.ts";
import { containerPlace, STOP_GRACE_S, TESTED } from "../layout.ts";

/** A compose file for `serve`, and for Postgres if the inbox is there. */
export function composeText(answers: Answers): string {
  const { inbox, port, tlsEnd } = answers;
  const { state, certificates, port: inside } = containerPlace(answers);
  const isPostgres = inbox === "postgres";
  const published = tlsEnd === "tls" ? `${port}:${inside}` : `127.0.0.1:${port}:${inside}`;
  const why = tlsEnd === "tls" ? `Smartsheet calls ${CALLBACK_PORTS.join(", ")}` : "for the proxy on this machine";
  const volumes = [
    ...(state ? [`sheethook:${state}`] : []),
    ...(tlsEnd === "tls"
      ? [`./certs:${certificates}:ro # chain.pem and key.pem, readable by the container's user`]
      : []),
  ];
  return `name: "${projectNameOf(answers)}"

services:
  sheethook:
    build: .
    restart: unless-stopped
    # Handlers get ${SERVE_DEFAULTS.stopTimeout} to end (--stop-timeout); Docker's own 10s would cut them off.
    stop_grace_period: ${STOP_GRACE_S}s
    ports:
      - "${published}" # ${why}
      - "127.0.0.1:${SERVE_DEFAULTS.adminPort}:${SERVE_DEFAULTS.adminPort}" # the console
    env_file: .env
    environment:
      SMARTSHEET_ACCESS_TOKEN: \${SMARTSHEET_ACCESS_TOKEN:?should be set in .env}
      # In a container the console can't be reached on loopback; so it needs its token.
      SHEETHOOK_ADMIN_HOST: 0.0.0.0
      SHEETHOOK_ADMIN_TOKEN: \${SHEETHOOK_ADMIN_TOKEN:?should be set in .env}
${isPostgres ? POSTGRES_ENVIRONMENT : ""}${
    volumes.length ? `    volumes:\n${volumes.map((volume) => `      - ${volume}\n`).join("")}` : ""
  }${isPostgres ? `${DEPENDS_ON}\n${POSTGRES}` : ""}
volumes:
  ${isPostgres ? "postgres" : "sheethook"}:
`;
}

/** A project has its own containers and volumes: two on one machine must not have the same name. */
function projectNameOf({ changeAgent }: Pick<Answers, "changeAgent">): string {
  return changeAgent.toLowerCase().replace(/[^a-z0-9_-]+/g, "-").replace(/^[_-]+/, "") || "sheethook";
}

const POSTGRES_ENVIRONMENT = `      # Not encrypted: it stays inside of this network.
      SHEETHOOK_INBOX: postgres://sheethook:\${POSTGRES_PASSWORD:?should be set in .env}@postgres:5432/sheethook?sslmode=disable
      SHEETHOOK_SECRETS_KEY: \${SHEETHOOK_SECRETS_KEY:?should be set in .env}
`;

const DEPENDS_ON = `    depends_on:
      postgres:
        condition: service_healthy
`;

const POSTGRES = `  postgres:
    image: postgres:${TESTED.postgres}
    restart: unless-stopped
    stop_grace_period: 60s
    environment:
      POSTGRES_USER: sheethook
      POSTGRES_DB: sheethook
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:?should be set in .env}
    volumes:
      - postgres:/var/lib/postgresql # since 18; older images: /var/lib/postgresql/data
    healthcheck:
      # Over TCP: while the database is being made, it answers on its socket only.
      test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "sheethook", "-d", "sheethook"]
      interval: 5s
      timeout: 5s
      retries: 12
      start_period: 30s
`;
