/** Whether `await` would wait for it. @throws what its `then` throws when it is looked at */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
