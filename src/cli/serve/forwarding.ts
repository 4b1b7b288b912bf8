import { addForwarding, type ForwardFormat, type ForwardUnit } from "../../forward/forward.ts";
import { isShortSecret } from "../../forward/signature.ts";
import { isReadableOnTheWay, parseTarget } from "../../forward/target.ts";
import type { PutOnlyInbox } from "../../inbox/inbox.ts";
import type { Logger } from "../../logger.ts";
import type { Receiver } from "../../receiver.ts";
import { forwardSecrets, inForwardWords } from "../options/forward_secrets.ts";
import { hasToken } from "../options/smartsheet_api.ts";
import { usageError } from "../terminal/usage_error.ts";

/** The options of `serve` for targets. */
export interface ForwardSettings {
  /** The URLs of targets. */
  readonly forward: readonly string[];
  readonly forwardAs: ForwardUnit;
  readonly forwardFormat: ForwardFormat;
  readonly forwardTimeout: number;
  /** Requests a second. */
  readonly forwardRate?: number;
}

/**
 * Registers what forwards to the targets, and logs which these are.
 *
 * @throws {SheethookError} `option_invalid` for a URL or a secret that can't be used
 */
export function registerForwarding(
  settings: ForwardSettings,
  receiver: Receiver,
  inbox: PutOnlyInbox,
  logger: Logger,
): void {
  const { forward: urls, forwardAs: as, forwardFormat: format, forwardTimeout: timeoutMs } = settings;
  if (as === "changes" && !hasToken()) {
    throw usageError("--forward-as changes needs SMARTSHEET_ACCESS_TOKEN: the rows are read through the API");
  }
  const secret = forwardSecrets();
  try {
    addForwarding(receiver, urls, { as, inbox, format, timeoutMs, secret, ratePerSecond: settings.forwardRate });
  } catch (error) {
    throw inForwardWords(error);
  }
  for (const { name: target, url } of urls.map(parseTarget)) {
    logger.info("{as} are forwarded to {target}", { as, target });
    if (isReadableOnTheWay(url)) {
      logger.warn("{target} is plain http on another machine: what is sent there can be read on the way, and changed", {
        target,
      });
    }
  }
  if (!secret) {
    logger.warn(
      "what is forwarded isn't signed: a target can't tell it from a forgery; give both sides a secret in {variable}",
      { variable: "SHEETHOOK_FORWARD_SECRET (whsec_...)" },
    );
  } else if (secret.some(isShortSecret)) {
    logger.warn("a secret in {variable} has fewer than 24 bytes, which can be guessed", {
      variable: "SHEETHOOK_FORWARD_SECRET",
    });
  }
}
