import { SERVE_DEFAULTS } from "../options/serve_defaults.ts";
import type { Answers } from "./answers.ts";

/** The versions that the tests run on; a test compares them with package.json. */
export const TESTED = { node: "24.21.0", deno: "2.9.5", bun: "1.4.5", postgres: "18.4" } as const;

/** How each runtime comes by its packages: into `node_modules`, where {@link sheethookCommand} looks. */
export const PACKAGES = {
  node: { add: "npm install sheethook", install: "npm ci --omit=dev", lockfile: "package-lock.json" },
  deno: {
    add: "deno add npm:sheethook",
    install: "deno install --frozen --node-modules-dir=auto",
    lockfile: "deno.lock",
  },
  bun: { add: "bun add sheethook", install: "bun install --frozen-lockfile --production", lockfile: "bun.lock" },
} as const;

/** The files that others name. */
export interface Names {
  /** The handlers' module. */
  readonly module: string;
  /** `package.json` or, for Deno, `deno.json`. */
  readonly manifest: string;
}

/** `sheethook` in a folder in which it is installed. */
export const MAIN = "node_modules/sheethook/dist/src/cli/main.js";

/** What `serve` may need to stop: handlers' time, and 15 s if the inbox is away. Whatever kills it should wait so long. */
export const STOP_GRACE_S = 40;

/** What is where, in a container and under systemd. */
export interface Place {
  /** The folder with the handlers' module and node_modules. */
  readonly app: string;
  /** The folder that `serve` writes to, if it does. */
  readonly state: string | undefined;
  /** The folder of the certificate and its key. */
  readonly certificates: string;
  /** The runtime's program. */
  readonly program: string;
  /** The port that `serve` listens on. */
  readonly port: number;
}

/** In the container. A user without rights binds no port below 1024 everywhere; the port outside stays the given one. */
export function containerPlace({ runtime, inbox, port, tlsEnd }: Answers): Place {
  const open = tlsEnd === "tls" ? 8443 : SERVE_DEFAULTS.port;
  return {
    app: "/app",
    state: inbox === "sqlite" ? "/data" : undefined,
    certificates: "/certs",
    program: runtime,
    port: port < 1024 ? open : port,
  };
}

/** Under systemd. */
export function unitPlace({ runtime, inbox, port }: Answers): Place {
  return {
    app: "/opt/sheethook",
    state: inbox === "sqlite" ? "/var/lib/sheethook" : undefined,
    certificates: "/etc/sheethook",
    program: runtime === "node" ? "/usr/bin/node" : `/usr/local/bin/${runtime}`,
    port,
  };
}

/** The command that runs `sheethook` with `args`. `app` is the folder of node_modules; empty: the working directory. */
export function sheethookCommand(
  { runtime }: Answers,
  { program, state }: Pick<Place, "program" | "state">,
  app: string,
  args: readonly string[],
): string[] {
  // Handlers may call any host. Deno asks for nothing: nobody is there to answer.
  const write = state ? [`--allow-write=${state}`] : [];
  const deno = [
    ...["run", "--no-prompt", "--cached-only", "--node-modules-dir=manual"],
    ...["--allow-env", "--allow-net", "--allow-read", ...write],
  ];
  return [program, ...(runtime === "deno" ? deno : []), app ? `${app}/${MAIN}` : MAIN, ...args];
}

/** Settings of `serve` that are no secrets, by variable. */
export function settingsOf({ tlsEnd, changeAgent }: Answers, place: Place): Record<string, string> {
  const { port, certificates } = place;
  return {
    PORT: String(port),
    SHEETHOOK_CHANGE_AGENT: changeAgent,
    ...(tlsEnd === "tls"
      ? { SHEETHOOK_TLS_CERT: `${certificates}/chain.pem`, SHEETHOOK_TLS_KEY: `${certificates}/key.pem` }
      : {}),
  };
}

/** The URL for `webhooks create`. */
export function callbackUrlOf({ domain, port, tlsEnd }: Answers): string {
  const suffix = tlsEnd === "tls" && port !== 443 ? `:${port}` : "";
  return `https://${domain}${suffix}${SERVE_DEFAULTS.path}`;
}
