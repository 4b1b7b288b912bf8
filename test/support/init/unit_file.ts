/** What systemd knows (man systemd.unit, systemd.service, systemd.exec, systemd.kill), as far as units of `init` go. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  Unit: ["Description", "Wants", "After"],
  Service: [
    ...["Type", "User", "Group", "WorkingDirectory", "StateDirectory", "StateDirectoryMode", "ExecStart"],
    ...["EnvironmentFile", "Environment", "KillSignal", "KillMode", "TimeoutStopSec", "Restart", "RestartSec"],
    ...["RestartPreventExitStatus", "UMask", "NoNewPrivileges", "CapabilityBoundingSet", "AmbientCapabilities"],
    ...["ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectClock", "ProtectHostname"],
    ...["ProtectControlGroups", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables"],
    ...["RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality"],
    ...["SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber"],
  ],
  Install: ["WantedBy"],
};

/**
 * The values of a unit by section and key.
 *
 * @throws {Error} for a line that is none, or a section or key that systemd doesn't know
 */
export function parseUnit(text: string): Record<string, Record<string, string[]>> {
  const unit: Record<string, Record<string, string[]>> = {};
  let section = "";
  for (const line of text.split("\n").filter((line) => line.trim() && !/^[#;]/.test(line))) {
    const [, title] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key = "", value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (title) section = title;
    else if (!KEYS[section]?.includes(key)) throw new Error(`${line} is unknown in [${section}]`);
    else ((unit[section] ??= {})[key] ??= []).push(value);
  }
  return unit;
}
