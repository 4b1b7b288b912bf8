import type { Command } from "commander";
import type { Api } from "../../api/api.ts";
import { messageOf } from "../../errors.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { note, print } from "../terminal/print.ts";
import { durationSetting } from "../options/duration.ts";
import { collectIds, flag } from "../options/setting.ts";
import { type SecretsStore, withSecretsStore } from "../secrets/store.ts";
import { MAX_SECRETS } from "../../secrets_file/stored_secrets.ts";
import { rotatedSecrets } from "../secrets/rotated_secrets.ts";
import { isSharedSecret } from "../secrets/rotated_secrets.ts";
import { openApi } from "../options/smartsheet_api.ts";
import { waitForStopSignal } from "../terminal/stop_signal.ts";

interface RotateOptions {
  readonly overlap: number;
  readonly inbox: string;
  readonly json?: boolean;
}

/** `sheethook webhooks rotate` */
export function addRotate(webhooks: Command): void {
  webhooks.command("rotate")
    .description("Give webhooks new secrets; the old ones are accepted for 48 h more, so that no callback is missed.")
    .argument("<ids...>", "the webhooks' ids", collectIds)
    .addOption(
      durationSetting(
        "--overlap",
        "how long the old ones are accepted",
        "SHEETHOOK_ROTATE_OVERLAP",
        "0s",
        "30d",
        "48h",
      ),
    )
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each webhook", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action((ids: readonly number[], options: RotateOptions) =>
      withSecretsStore(options.inbox, (store) => runRotate(store, ids, options))
    );
}

async function runRotate(store: SecretsStore, ids: readonly number[], { overlap, json }: RotateOptions): Promise<void> {
  const api = await openApi();
  // Until it is stored, the new secret exists only in this process.
  let isStopped = false;
  void waitForStopSignal().then((signal) => {
    isStopped = true;
    note(`${signal}: stopping when the new secret is stored; a second signal ends it at once`);
  });
  for (const id of ids) {
    if (isStopped) throw new Error(`Stopped before webhook ${id}, which has its old secret`);
    const until = Date.now() + overlap;
    await rotate(api, id, store, until);
    const time = new Date(until).toISOString();
    print(
      json
        ? JSON.stringify({ id, rotated: true, oldSecretsUntil: time })
        : `webhook ${id} has a new secret, which is in ${store.name}; the old one is accepted until ${time}`,
    );
  }
}

/** @throws {Error} if the secret couldn't be reset or stored, with what to do */
async function rotate(api: Api, id: number, store: SecretsStore, until: number): Promise<void> {
  const now = Date.now();
  const stored = ((await store.requireWritable()).get(id) ?? []).filter(({ until = Infinity }) => until > now);
  if (stored.length >= MAX_SECRETS) {
    throw new Error(
      `Webhook ${id} has ${stored.length} secrets that are still accepted, but should have under ${MAX_SECRETS}: wait until some have expired`,
    );
  }
  const { sharedSecret: before } = await api.webhooks.get(id);
  if (!stored.length && !isSharedSecret(before)) {
    note(
      `the old secret of webhook ${id} isn't in ${store.name}: unless serve has it from SHEETHOOK_SECRET, callbacks that are signed with it are refused with 401, and sent again`,
    );
  }
  const secret = await reset(api, id, before);
  try {
    await store.change((secrets) => {
      const old = secrets.get(id) ?? (isSharedSecret(before) ? [{ secret: before }] : []);
      const known = [before ?? "", ...stored.map(({ secret }) => secret)];
      secrets.set(id, rotatedSecrets(old, { secret, before: known, until, now: Date.now() }));
    });
  } catch (cause) {
    throw new Error(`${messageOf(cause)}. Webhook ${id} has a new secret all the same, which is lost: ${AGAIN}`, {
      cause,
    });
  }
}

async function reset(api: Api, id: number, before: string | null | undefined): Promise<string> {
  try {
    return await api.webhooks.resetSharedSecret(id);
  } catch (cause) {
    // It may have been reset although the answer was lost.
    const now = await api.webhooks.get(id).then(({ sharedSecret }) => sharedSecret, () => undefined);
    if (isSharedSecret(now) && now !== before) return now;
    if (isSharedSecret(now)) throw cause;
    throw new Error(`${messageOf(cause)}. It isn't known whether webhook ${id} has a new secret: ${AGAIN}`, { cause });
  }
}

const AGAIN =
  "run it again soon; until then callbacks may be refused with 401, and Smartsheet sends them again for about a day";

const HELP = `
Smartsheet uses the new secret immediately and shows it only once. It is stored
in the secrets file, where serve finds it at once, or with SHEETHOOK_SECRETS_KEY
in the Postgres inbox, where serve finds it within a second on every machine.
Callbacks before that are refused with 401, so that Smartsheet sends them again.
The old secret stays until it expires (Smartsheet's retries take about a day),
and a later rotation removes it. A secret in SHEETHOOK_SECRET doesn't expire:
remove it after that time. No secret is printed.

Examples:
  sheethook webhooks rotate 2674017481058180
  sheethook webhooks rotate 2674017481058180 --overlap 7d`;
