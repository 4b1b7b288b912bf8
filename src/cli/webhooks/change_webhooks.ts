import type { Command } from "commander";
import process from "node:process";
import { ApiError } from "../../api/api_error.ts";
import { messageOf } from "../../errors.ts";
import { collectIds, flag } from "../options/setting.ts";
import { note } from "../terminal/print.ts";

/** The options of `enable`, `disable` and `delete`. */
export interface ChangeOptions {
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** Adds a command that changes webhooks, without its help. */
export function addChange(webhooks: Command, name: string, description: string): Command {
  return webhooks.command(name).description(description)
    .argument("<ids...>", "the webhooks' ids", collectIds)
    .addOption(flag("--json", "print JSON, one line for each webhook", "SHEETHOOK_JSON"));
}

/** Changes one webhook after another; one that fails doesn't stop the others. */
export async function changeEach(ids: readonly number[], act: (id: number) => Promise<void>): Promise<void> {
  for (const id of ids) {
    try {
      await act(id);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      process.exitCode = 1;
      note(`sheethook: Webhook ${id} is unchanged: ${messageOf(error)}`);
    }
  }
}

/** The webhooks, in a question. */
export function webhooksText(ids: readonly number[]): string {
  return ids.length === 1 ? `webhook ${ids[0]}` : `${ids.length} webhooks`;
}
