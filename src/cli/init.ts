import { type Command, Option } from "commander";
import { INBOXES, LANGUAGES, parseChangeAgent, parseDomain, RUNTIMES } from "./init/answers.ts";
import type { InitOptions } from "./init/run.ts";
import { flag, oneOf, setting, text } from "./options/setting.ts";

/** `sheethook init [folder]` */
export function addInit(program: Command): void {
  program.command("init")
    .description("Write what a deployment needs: a handlers' module, a systemd unit, a Dockerfile, a compose file.")
    .argument("[folder]", "where, created if it isn't there", ".")
    .addOption(setting("--runtime <name>", "node, deno or bun", "SHEETHOOK_INIT_RUNTIME", oneOf(...RUNTIMES)))
    .addOption(setting("--language <name>", "handlers in ts or js", "SHEETHOOK_INIT_LANGUAGE", oneOf(...LANGUAGES)))
    .addOption(setting("--inbox <kind>", "sqlite or postgres", "SHEETHOOK_INIT_INBOX", oneOf(...INBOXES)))
    .addOption(flag("--proxy", "a proxy in front speaks https (default)", "SHEETHOOK_INIT_PROXY"))
    .addOption(flag("--tls", "sheethook speaks https itself", "SHEETHOOK_INIT_TLS"))
    .addOption(setting("--domain <host>", "host of the callback URL", "SHEETHOOK_INIT_DOMAIN", parseDomain))
    .addOption(
      setting("--port <port>", "port to listen on (default: 8000, with --tls 443)", "SHEETHOOK_INIT_PORT", text),
    )
    .addOption(
      setting(
        "--change-agent <name>",
        "name that marks the writes of handlers (default: the folder's)",
        "SHEETHOOK_INIT_CHANGE_AGENT",
        parseChangeAgent,
      ),
    )
    .addOption(new Option("--yes", "don't ask: take the defaults for what isn't given"))
    .addOption(new Option("--dry-run", "only print what would be written"))
    .addOption(new Option("--force", "replace files that exist"))
    .addOption(flag("--json", "print one JSON object", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(async (folder: string, given: InitOptions, command: Command) => {
      const options = withoutOverruled(given, command);
      const { runInit } = await import("./init/run.ts");
      await runInit(folder, options);
    });
}

/** An option that is given wins over the variable of the other one: `--tls` over SHEETHOOK_INIT_PROXY. */
function withoutOverruled(options: InitOptions, command: Command): InitOptions {
  const isGiven = (name: string) => command.getOptionValueSource(name) === "cli";
  if (isGiven("tls") === isGiven("proxy")) return options;
  return { ...options, tls: isGiven("tls"), proxy: isGiven("proxy") };
}

const HELP = `
On a terminal it asks for what isn't given, and shows a default for each;
elsewhere it takes the defaults: node, ts, sqlite, --proxy, hooks.example.com.
If a file of the same name, but with another text, exists, nothing is written,
and the error names it: --force replaces it. A package.json (deno.json) or a
.gitignore that exists is always kept.

Examples:
  sheethook init                       ask, and write into this folder
  sheethook init inventory-sync --yes  into a new folder, with the defaults
  sheethook init --runtime bun --inbox postgres --tls \\
    --domain hooks.example.com --dry-run`;
