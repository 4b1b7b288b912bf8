import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseDuration } from "../../../src/cli/options/duration.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { VERSION } from "../../../src/cli/version.ts";
import { runCli } from "../../support/run_cli.ts";

const absent = { SHEETHOOK_SECRETS_FILE: "/nonexistent/secrets.json" };

async function refuses(args: string[], message: RegExp, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runCli(args, { env, reads: [absent.SHEETHOOK_SECRETS_FILE] });
  assert.deepEqual([code, stdout], [2, ""], `${args.join(" ")}: ${stderr}`);
  assert.match(stderr, message);
  assert.equal(stderr.match(/\n/g)?.length, 1, stderr);
}

/** An environment neither says yes nor chooses what is deleted, replayed or changed. */
const WITHOUT_VARIABLE = [
  "webhooks apply --plan",
  "webhooks apply --yes",
  ...["webhooks disable --yes", "webhooks delete --yes", "inbox copy --yes"],
  ...["replay", "skip", "discard"].flatMap((name) =>
    ["state", "sheet", "webhook", "since", "until", "error"].map((filter) => `inbox ${name} --${filter}`)
  ),
  ...["inbox replay --call", "inbox replay --dry-run", "inbox skip --call", "inbox skip --yes"],
  ...["inbox discard --yes", "inbox prune --older-than", "inbox prune --dead", "inbox prune --yes"],
  ...[
    "alert test --dry-run",
    "mirror drop --yes",
    "mirror view --drop",
    "sheethook init --dry-run",
    "sheethook init --force",
    "sheethook init --yes",
  ],
];

test("each option has an environment variable of its own, and each command has examples", () => {
  const { commands } = createProgram();
  const names = ["serve", "demo", "init", "simulate", "webhooks", "doctor", "inbox", "mirror", "alert", "sign", "send"];
  assert.deepEqual(commands.map((command) => command.name()), names);
  const without: string[] = [];
  for (const command of [...commands, ...commands.flatMap((command) => command.commands)]) {
    const variables = command.options.flatMap(({ envVar, long }) => {
      if (envVar === undefined) without.push(`${command.parent!.name()} ${command.name()} ${long}`);
      return envVar ?? [];
    });
    for (const variable of variables) assert.match(variable, /^(PORT|SHEETHOOK_\w+)$/);
    assert.equal(new Set(variables).size, variables.length);
    let help = "";
    command.configureOutput({ writeOut: (text) => help += text }).outputHelp();
    assert.match(help, /\n\nExamples:\n.*sheethook /);
  }
  assert.deepEqual(without.sort(), WITHOUT_VARIABLE.sort());
});

test("the help names the options that have no variable in any command", async () => {
  const { stdout } = await runCli(["--help"]);
  assert.match(stdout, /Only\n--yes, --force, --dry-run, --plan and the options that choose what/);
});

test("parseDuration() reads a whole number and a unit, nothing else", () => {
  const durations = { "0s": 0, "500ms": 500, "90s": 90_000, "15m": 900_000, "12h": 43_200_000, "7d": 604_800_000 };
  for (const [text, ms] of Object.entries(durations)) assert.equal(parseDuration(text), ms);
  for (const text of ["", "7", "d", "7 d", "-7d", "1.5h", "7w", "7D", "1e3s", "1h30m", "9999999999s"]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

test("--version is the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  assert.equal(VERSION, version);
  for (const flag of ["--version", "-v"]) {
    assert.deepEqual(await runCli([flag]), { code: 0, stdout: `${version}\n`, stderr: "" });
  }
});

test("--help goes to stdout and is done; no command at all is wrong usage", async () => {
  const help = await runCli(["serve", "--help"]);
  assert.deepEqual([help.code, help.stderr], [0, ""]);
  assert.match(help.stdout, /--stop-timeout <duration> .*\(default: 25s,\s+env:\s+SHEETHOOK_STOP_TIMEOUT\)/s);
  assert.match(help.stdout, /SHEETHOOK_SECRETS_FILE/);
  const { code, stdout, stderr } = await runCli([]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^Usage: sheethook /);
});

test("wrong usage is one line and exit code 2: commands and options", async () => {
  await refuses(["recieve"], /^sheethook: unknown command 'recieve'/);
  await refuses(["serve", "--prot", "1"], /^sheethook: unknown option '--prot' \(Did you mean --port\?\)/);
  await refuses(["serve", "--port"], /^sheethook: option '--port <port>' argument missing/);
  await refuses(["serve", "a.ts", "b.ts"], /^sheethook: too many arguments for 'serve'/);
  await refuses(["serve", "--secret", "s"], /^sheethook: unknown option '--secret'/);
  await refuses(["send"], /^sheethook: missing required argument 'url'/);
});

test("wrong usage is one line and exit code 2: values", async () => {
  await refuses(
    ["serve", "--port", "80.5"],
    /'--port <port>' argument '80\.5' is invalid\. .* whole number from 0 to 65535/,
  );
  await refuses(["serve"], /'--port <port>' value 'x' from env 'PORT' is invalid\./, { PORT: "x" });
  await refuses(["serve", "--path", "webhook"], /path is "webhook", but should be an absolute path/);
  await refuses(["serve", "--keep", "1d"], /'1d' is invalid\. It should be a duration from 2d to 3650d; .* 7d\.$/m);
  await refuses(["serve", "--max-age", "soon"], /a duration from 1s to 3650d, or off/);
  await refuses(["serve", "--webhook-ids", "1,x"], /It should be an id: up to 16 digits/);
  await refuses(["serve", "--role", "boss"], /It should be one of all, receive, work/);
  await refuses(["serve"], /SHEETHOOK_ALLOW_UNSIGNED is "maybe", but should be 1 or 0/, {
    SHEETHOOK_ALLOW_UNSIGNED: "maybe",
  });
  await refuses(["serve", "--change-agent", "a,b"], /^sheethook: --change-agent is "a,b", but should be/, absent);
});

test("wrong usage is told in the words of the command line, not of the library", async () => {
  const { SHEETHOOK_SECRETS_FILE } = absent;
  await refuses(["serve", "--change-agent", "a,b"], /^sheethook: --change-agent is "a,b", but should be /, {
    SHEETHOOK_SECRETS_FILE,
  });
  await refuses(["serve", "--path", "webhook"], /^sheethook: --path is "webhook", but should be an absolute path/);
  await refuses(["serve"], /^sheethook: SMARTSHEET_API_URL is "nowhere", but should be a URL/, {
    SHEETHOOK_SECRETS_FILE,
    SMARTSHEET_API_URL: "nowhere",
  });
  await refuses(["doctor"], /^sheethook: SMARTSHEET_ACCESS_TOKEN should be an access token/, {
    SHEETHOOK_SECRETS_FILE,
    SMARTSHEET_ACCESS_TOKEN: "a b",
  });
});

test("wrong usage is one line and exit code 2: what doesn't go together", async () => {
  await refuses(["serve", "--cert", "a.pem"], /--cert is given without --key: it should be both, or neither/);
  await refuses(["serve", "--key", "a.pem"], /--key is given without --cert: it should be both, or neither/);
  await refuses(["serve", "--forward-as", "events"], /--forward-as is given without --forward: it should say where to/);
  await refuses(["serve"], /--forward-rate is given without --forward/, { SHEETHOOK_FORWARD_RATE: "5" });
  await refuses(["serve", "--allow-unsigned"], /--allow-unsigned is given without --webhook-ids/);
  const both = ["serve", "--allow-unsigned", "--webhook-ids", "1"];
  await refuses(both, /--allow-unsigned is given, but secrets are too/, { ...absent, SHEETHOOK_SECRET: "s" });
  await refuses(
    ["serve", "--inbox", "memory:", "--role", "work"],
    /--role is work, but should be all: no other process .* memory:/,
  );
  await refuses(["serve", "--inbox", "sqlite:"], /--inbox is an unknown inbox URL, but should be sqlite:FILE/);
  await refuses(
    ["serve"],
    /^(?!.*hidden).*can't be read, but should be postgres:/,
    { SHEETHOOK_INBOX: "postgres://u:hidden@h:p/d" },
  );
  await refuses(["serve", "--inbox", "redis://u:hidden@h"], /^(?!.*hidden).*--inbox is an unknown inbox URL/);
});

test("wrong usage is one line and exit code 2: secrets, which are never shown", async () => {
  await refuses(["serve"], /^(?!.*hidden).*SHEETHOOK_SECRET holds a blank secret/, { SHEETHOOK_SECRET: "hidden,," });
  await refuses(["serve"], /^(?!.*hidden).*SHEETHOOK_SECRET holds a blank secret/, { SHEETHOOK_SECRET: " " });
  const eleven = Array.from({ length: 11 }, (_, index) => `hidden${index}`).join();
  for (const command of ["doctor", "send"]) {
    await refuses(
      [command, "https://u:hidden@x/hook?key=hidden"],
      /^(?!.*hidden).*URL is "https:\/\/\*\*\*@x\/hook", but should be an http or https URL without user name/,
      { SHEETHOOK_SECRET: "a" },
    );
  }
  await refuses(["serve"], /^(?!.*hidden).*holds 11 secrets, but should hold at most 10/, { SHEETHOOK_SECRET: eleven });
});
