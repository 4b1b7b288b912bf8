import type { Answers } from "../answers.ts";
import { settingsOf, sheethookCommand, STOP_GRACE_S, unitPlace } from "../layout.ts";

/** A unit of systemd for `serve`. */
export function unitText(answers: Answers, module: string): string {
  const place = unitPlace(answers);
  const { app, state } = place;
  const command = sheethookCommand(answers, place, app, ["serve", `${app}/${module}`]);
  // A proxy on this machine is all that should reach it.
  const host: Record<string, string> = answers.tlsEnd === "proxy" ? { SHEETHOOK_HOST: "127.0.0.1" } : {};
  const settings = { ...settingsOf(answers, place), ...host, NODE_ENV: "production" };
  const bind = answers.port < 1024 ? "CAP_NET_BIND_SERVICE" : "";
  return `# /etc/systemd/system/sheethook.service
[Unit]
Description=sheethook, receiver for Smartsheet webhooks
Wants=network-online.target
After=network-online.target${answers.inbox === "postgres" ? " postgresql.service" : ""}

[Service]
Type=exec
User=sheethook
Group=sheethook
WorkingDirectory=${state ?? app}
${
    state
      ? `# ${state}: the inbox (sheethook.db) and the webhooks' secrets (sheethook.secrets.json)
StateDirectory=sheethook
StateDirectoryMode=0700
`
      : ""
  }ExecStart=${command.map(escapeWord).join(" ")}
# The secrets; mode 0600, owner root: systemd reads it before it changes the user.
EnvironmentFile=/etc/sheethook/sheethook.env
${Object.entries(settings).map(([name, value]) => `Environment=${quote(`${name}=${value}`)}`).join("\n")}

# SIGTERM lets running handlers end (--stop-timeout); a kill comes later than that.
KillSignal=SIGTERM
KillMode=mixed
TimeoutStopSec=${STOP_GRACE_S}
Restart=always
RestartSec=5
# 2 is wrong usage: another start wouldn't help.
RestartPreventExitStatus=2

UMask=0077
NoNewPrivileges=true
CapabilityBoundingSet=${bind}
AmbientCapabilities=${bind}
ProtectSystem=strict
ProtectHome=true
PrivateTmp=true
PrivateDevices=true
ProtectClock=true
ProtectHostname=true
ProtectControlGroups=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
LockPersonality=true
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
# Not MemoryDenyWriteExecute: the runtime compiles JavaScript to machine code.

[Install]
WantedBy=multi-user.target
`;
}

/** A word of ExecStart, in which `%` and `$` stand for something else. */
function escapeWord(word: string): string {
  return word.replaceAll("%", "%%").replaceAll("$", "$$$$");
}

/** A value of Environment. */
function quote(text: string): string {
  return `"${text.replaceAll("%", "%%").replaceAll(/["\\]/g, "\\$&")}"`;
}
