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
      durationSetting("--overlap", "accept the old ones this long", "SHEETHOOK_ROTATE_OVERLAP", "0s", "30d", "48h"),
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
  // Until it is stored, the new secret is nowhere but here.
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

/** @throws {Error} if the new secret couldn't be had or stored, with what to do */
async function rotate(api: Api, id: number, store: SecretsStore, until: number): Promise<void> {
  const now = Date.now();
  const stored = ((await store.requireWritable()).get(id) ?? []).filter(({ until = Infinity }) => until > now);
  if (stored.length >= MAX_SECRETS) {
    throw new Error(
      `Webhook ${id} has ${stored.length} secrets that are still accepted, but should have under ${MAX_SECRETS}: wait until some have ended`,
    );
  }
  const { sharedSecret: before } = await api.webhooks.get(id);
  if (!stored.length && !isSharedSecret(before)) {
    note(
      `the old secret of webhook ${id} isn't in ${store.name}: unless serve has it from SHEETHOOK_SECRET, callbacks that are signed with it are refused with 401, and come again`,
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
    // It may have been reset, and only the answer be lost.
    const now = await api.webhooks.get(id).then(({ sharedSecret }) => sharedSecret, () => undefined);
    if (isSharedSecret(now) && now !== before) return now;
    if (isSharedSecret(now)) throw cause;
    throw new Error(`${messageOf(cause)}. It isn't known whether webhook ${id} has a new secret: ${AGAIN}`, { cause });
  }
}

const AGAIN =
  "run it again soon; until then callbacks may be refused with 401, and Smartsheet sends them again for about a day";

const HELP = `
Smartsheet makes the new secret, tells it once, and signs with it from then on. It is stored in the secrets file,
where serve finds it at once, or with SHEETHOOK_SECRETS_KEY in the Postgres inbox, where serve finds it within a second
on every machine. What comes before that is refused with 401, which makes Smartsheet send it again. The old secret stays
there with its end, and is dropped by the next rotation after it: Smartsheet's
retries take about a day. A secret in SHEETHOOK_SECRET has no end: take it out after that time. No secret is printed.

Examples:
  sheethook webhooks rotate 2674017481058180
  sheethook webhooks rotate 2674017481058180 --overlap 7d`;
