import type { Command } from "commander";
import process from "node:process";
import { editDistance } from "../../text.ts";

const PREFIX = "SHEETHOOK_";
/** Two letters that are swapped are two. */
const MOST_EDITS = 2;
/** The variables that belong to no option. */
export const OTHER_VARIABLES = [
  "SHEETHOOK_SECRET",
  "SHEETHOOK_SECRETS_FILE",
  "SHEETHOOK_SECRETS_KEY",
  "SHEETHOOK_FORWARD_SECRET",
  "SHEETHOOK_ADMIN_TOKEN",
  "SHEETHOOK_DEBUG",
] as const;
/** What Kubernetes sets for a service named sheethook; `SHEETHOOK_PORT` is an address then. */
const OF_KUBERNETES = /^SHEETHOOK_(PORT=\D|PORT_\d|SERVICE_)/;

/** Says of each variable that looks like a misspelt one which it may be meant to be. Others may be the user's own. */
export function unknownVariables(
  program: Command,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const known = [...variablesOf(program), ...OTHER_VARIABLES];
  const unknown = Object.keys(environment).filter((name) => name.startsWith(PREFIX) && !known.includes(name));
  return unknown.flatMap((name) => {
    if (OF_KUBERNETES.test(`${name}=${environment[name]}`)) return [];
    const wanted = name.slice(PREFIX.length);
    const distance = (each: string) => editDistance(each.replace(PREFIX, ""), wanted);
    const [near] = known.filter((each) => distance(each) <= MOST_EDITS).sort((a, b) => distance(a) - distance(b));
    return near ? [`${name} isn't a variable of sheethook: did you mean ${near}?`] : [];
  });
}

/** The environment; empty on Deno, which lists it only with a permission for all of it. */
export function listedEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.versions.deno ? {} : process.env;
}

function variablesOf(command: Command): string[] {
  const own = command.options.flatMap(({ envVar }) => envVar ?? []);
  return [...own, ...command.commands.flatMap(variablesOf)];
}
