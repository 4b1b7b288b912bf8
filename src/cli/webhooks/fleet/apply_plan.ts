import type { Api, CallOptions, Webhook } from "../../../api/api.ts";
import { ApiError } from "../../../api/api_error.ts";
import { messageOf } from "../../../errors.ts";
import { isSharedSecret } from "../../secrets/rotated_secrets.ts";
import type { SecretsStore } from "../../secrets/store.ts";
import { storeSecrets } from "../../secrets/store_secrets.ts";
import { factsOf } from "../../../smartsheet/webhook_status.ts";
import { isAboutOneSheet } from "./columns.ts";
import type { Problem } from "./fleet.ts";
import { inParallel } from "./in_parallel.ts";
import { keepOnlyOne, makeWebhook } from "./make_webhooks.ts";
import { markOf } from "./mark.ts";
import type { Plan, Step } from "./plan.ts";
import { AT_ONCE } from "./prepare.ts";

/** Webhooks whose secrets are stored by one write. */
const BATCH = 50;
/** The same where secrets are reset, which makes the old ones invalid at once. */
const RESET_BATCH = 8;

/** After as many requests without an answer, the others aren't tried. */
const MAX_UNANSWERED = AT_ONCE;

/** What {@linkcode applyPlan} needs. */
export interface ApplyOptions {
  readonly plan: Plan;
  readonly fleet: string;
  readonly apis: ReadonlyMap<string, Api>;
  readonly store: SecretsStore;
  /** Called for each step that is done. `action` is `adopt` if another apply has made the webhook at the same time. */
  readonly onDone: (step: Step, webhook: Webhook) => void;
  readonly onProblem: (problem: Problem) => void;
  /** Told while webhooks are made, which are done later. */
  readonly onProgress?: (text: string) => void;
  /** Options of each request. When the signal aborts, it goes on from there when it is run again. */
  readonly call: CallOptions;
}

/** A webhook that there is, on its way to being enabled. */
interface Standing {
  readonly step: Step;
  readonly webhook: Webhook;
}

/**
 * Does what a plan says. The order is that of `webhooks create`: a webhook is made, then its secret is stored, then it is
 * enabled. So a kill at any moment loses no secret, and the next run finds the webhook by its sheet and URL and goes on.
 *
 * @throws {Error} if secrets can't be stored, or the signal aborts
 */
export async function applyPlan(options: ApplyOptions): Promise<void> {
  const { plan, apis, onDone, onProblem, call } = options;
  const todo = plan.steps.filter(({ action }) => action !== "none" && action !== "disable");
  const undone = new Set(todo.map(({ sheetId }) => sheetId));

  async function applyByToken(steps: readonly Step[]): Promise<void> {
    const byToken = Map.groupBy(steps, ({ token }) => token);
    await Promise.all([...byToken].map(async ([token, steps]) => {
      try {
        await applySteps(steps, apis.get(token)!, {
          ...options,
          onDone(step, webhook) {
            undone.delete(step.sheetId);
            onDone(step, webhook);
          },
        });
      } catch (error) {
        if (call.signal?.aborted || !(error instanceof ApiError)) throw error;
        onProblem({ place: `tokens.${token}`, message: messageOf(error) });
      }
    }));
  }

  await applyByToken(todo);
  // A sheet keeps its old webhook until the new one, maybe of another token, is enabled.
  await applyByToken(plan.steps.filter(({ action, sheetId }) => action === "disable" && !undone.has(sheetId)));
}

async function applySteps(steps: readonly Step[], api: Api, options: ApplyOptions): Promise<void> {
  const { fleet, store, onDone, onProblem, call } = options;
  const { signal } = call;
  let unansweredInARow = 0;

  /**
   * Runs `act` for each; what fails for one sheet is told, and the others go on.
   *
   * @throws {ApiError} if the token is refused, or Smartsheet doesn't answer any more
   */
  const forEach = <Item extends { readonly step: Step; readonly webhook?: Webhook | undefined }>(
    items: readonly Item[],
    act: (item: Item) => Promise<void>,
  ) =>
    inParallel(items, AT_ONCE, async (item) => {
      signal?.throwIfAborted();
      try {
        await act(item);
        unansweredInARow = 0;
      } catch (error) {
        if (signal?.aborted || !isAboutOneSheet(error)) throw error;
        unansweredInARow = error.code === "api_unanswered" ? unansweredInARow + 1 : 0;
        if (unansweredInARow === MAX_UNANSWERED) throw error;
        fail(item.step, item.webhook?.id, messageOf(error));
      }
    });

  function fail({ place, sheetId }: Step, webhookId: number | undefined, message: string): void {
    onProblem({ place, sheetId, webhookId, message });
  }

  /** The last request of each: everything that differs, and that it be enabled. */
  async function settle({ step, webhook }: Standing): Promise<void> {
    const { callbackUrl, events } = step.sheet!;
    const name = markOf(fleet, step.sheet!);
    const changes = step.action === "make" || step.action === "enable" ? {} : { name, callbackUrl, events };
    const settled = await api.webhooks.update(webhook.id, { ...changes, enabled: true }, call);
    if (settled.status === "ENABLED") return onDone(step, settled);
    fail(step, webhook.id, notEnabledText(settled));
  }

  /** Stores their secrets. @returns those whose secrets are stored */
  async function storeSecretsOf(standing: readonly Standing[]): Promise<Standing[]> {
    const secrets = new Map<number, string>();
    try {
      await forEach(standing, async ({ webhook }) => {
        secrets.set(webhook.id, await readSecret(api, webhook, call));
      });
    } finally {
      await storeSecrets(store, secrets);
    }
    return standing.filter(({ webhook }) => secrets.has(webhook.id));
  }

  /** Another apply that has made one at the same time stores its secret and enables it. */
  async function keepOurs(made: readonly Standing[]): Promise<Standing[]> {
    const kept = made.length ? await keepOnlyOne(api, made, store, call) : [];
    for (const { step, webhook } of kept) if (step.action === "adopt") onDone(step, webhook);
    return kept.filter(({ step }) => step.action === "make");
  }

  const makes = steps.filter(({ action }) => action === "make").map((step) => ({ step }));
  let madeCount = 0;
  for (const batch of inBatches(makes, BATCH)) {
    const made: Standing[] = [];
    await forEach(batch, async ({ step }) => {
      made.push({ step, webhook: await makeWebhook(api, fleet, step, call) });
      options.onProgress?.(`made ${++madeCount} of ${makes.length} webhooks`);
    });
    const kept = await keepOurs(made);
    await forEach(await keepOurs(await storeSecretsOf(kept)), settle);
  }

  const standing = steps.flatMap((step): Standing[] =>
    step.webhook && step.sheet ? [{ step, webhook: step.webhook }] : []
  );
  for (const batch of inBatches(standing.filter(({ step }) => step.needsSecret), RESET_BATCH)) {
    await forEach(await storeSecretsOf(batch), settle);
  }
  await forEach(standing.filter(({ step }) => !step.needsSecret), settle);

  const left = steps.filter(({ action }) => action === "disable");
  await forEach(left.map((step) => ({ step, webhook: step.webhook! })), async ({ step, webhook }) => {
    onDone(step, await api.webhooks.update(webhook.id, { enabled: false }, call));
  });
}

/** A webhook's secret; a new one if Smartsheet doesn't show it, and the old one is then invalid. */
async function readSecret(
  api: Api,
  { id, sharedSecret }: Webhook,
  call: CallOptions,
): Promise<string> {
  return isSharedSecret(sharedSecret) ? sharedSecret : await api.webhooks.resetSharedSecret(id, call);
}

function notEnabledText({ id, status, disabledDetails, callbackUrl }: Webhook): string {
  const { meaning, toDo } = factsOf(status);
  const details = disabledDetails ? ` ("${disabledDetails}")` : "";
  const isRefused = status === "DISABLED_VERIFICATION_FAILED" || status === "NEW_NOT_VERIFIED";
  const advice = isRefused ? `\`sheethook doctor ${callbackUrl} --webhook-id ${id}\` shows what is wrong` : toDo;
  return `webhook ${id} isn't enabled: it is ${status}: ${meaning}${details}; ${advice}`;
}

function inBatches<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, index) => items.slice(index * size, (index + 1) * size),
  );
}
