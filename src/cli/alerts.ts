import { type Command, InvalidArgumentError, Option } from "commander";
import process from "node:process";
import { usageError } from "./terminal/usage_error.ts";
import { flag, listSetting } from "./options/setting.ts";

/** The option that names targets of alerts. */
export function alertUrlSetting(): Option {
  const option = listSetting("--alert-url <urls>", "post alerts to these targets (commas)", "SHEETHOOK_ALERT_URL", []);
  const parse = option.parseArg!;
  // A blank one would be refused with a message that shows the others.
  const withoutBlanks = (text: string) => text.split(",").filter((item) => item.trim()).join(",");
  return option.argParser((text: string, previous: readonly string[]) => {
    const given = withoutBlanks(text);
    if (given) return parse(given, previous) as readonly string[];
    if (text === process.env.SHEETHOOK_ALERT_URL) return previous;
    throw new InvalidArgumentError("It should not be blank.");
  });
}

/** `sheethook alert test` */
export function addAlerts(program: Command): void {
  const alert = program.command("alert").description("Try the targets of alerts.")
    .addHelpText("after", EXAMPLES);
  alert.command("test")
    .description("Post a test message to each target of alerts, and say what its answer means.")
    .addOption(alertUrlSetting())
    .addOption(new Option("--dry-run", "post nothing: print the test message, and an example of each alert"))
    .addOption(flag("--json", "print JSON, one line for each message", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(async (options: { alertUrl: readonly string[]; dryRun?: boolean; json?: boolean }) => {
      if (!options.alertUrl.length && !options.dryRun) {
        throw usageError("--alert-url isn't given: it should be the URL that alerts are to be posted to");
      }
      const { printExamples, testTargets } = await import("./alerts/test_targets.ts");
      if (options.dryRun) printExamples(options);
      else await testTargets(options);
    });
}

const EXAMPLES = `
Examples:
  SHEETHOOK_ALERT_URL=https://hooks.slack.com/services/... sheethook alert test
  sheethook alert test --dry-run                      the JSON of each alert`;

const HELP = `
A URL of Slack (hooks.slack.com), or of Teams (*.webhook.office.com,
*.logic.azure.com, *.environment.api.powerplatform.com) gets what these show;
any other gets the alert as JSON. Redirects aren't followed. The URL of an
incoming webhook is a secret: better in SHEETHOOK_ALERT_URL than among the
arguments. Nothing else of it than its origin is ever printed. Exit code 0 only
if each answer is 2xx.
${EXAMPLES}
  sheethook alert test --alert-url https://ops.example.com/alerts --json`;
