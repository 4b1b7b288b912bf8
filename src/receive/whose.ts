/** Whose webhook a body is about; `unnamed` if it names none. */
export type Whose = "ours" | "foreign" | "unnamed";

/**
 * Decides whether a body is about a webhook of ours.
 *
 * | the body's `webhookId`       | listed and known | challenge | callback                                            |
 * | ---------------------------- | ---------------- | --------- | --------------------------------------------------- |
 * | an id                        | yes              | ours      | ours                                                |
 * | an id                        | no               | foreign   | foreign                                             |
 * | something else               | any is           | ours      | ours; it is no callback, but its signature comes first |
 * | something else               | only some are    | foreign   | unnamed                                             |
 * | missing, null, or not read   | any is           | ours      | ours                                                |
 * | missing, null, or not read   | only some are    | unnamed   | unnamed                                             |
 *
 * A challenge without an id can't be about somebody else's webhook: Smartsheet always names it. So `unnamed` is answered,
 * and what isn't a challenge still needs a signature.
 */
export function whose({ webhookId, named, isListed, isKnown, isChallenge }: {
  /** The id that the body names. */
  readonly webhookId: number | undefined;
  /** What stands in the body as `webhookId`, whatever it is. */
  readonly named: unknown;
  /** `webhookIds` has it, or there is no such list. */
  readonly isListed: boolean;
  /** Secrets were found for it, or none are asked for. */
  readonly isKnown: boolean;
  readonly isChallenge: boolean;
}): Whose {
  if (isListed && isKnown) return "ours";
  if (webhookId !== undefined) return "foreign";
  return isChallenge && named != null ? "foreign" : "unnamed";
}
