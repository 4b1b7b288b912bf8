import { type Facts, isOurs } from "./facts.ts";

/** No loop: what we write carries our change agent, and what carries it calls nobody. */
export function checkWrites({ history }: Facts): string[] {
  return history.flatMap((each) => {
    if (each.what === "own write" && !isOurs(each.changeAgent ?? undefined)) {
      return [`${each.method} ${each.path} carried the change agent ${each.changeAgent}, not ours`];
    }
    if (each.what === "forwards" && !isOurs(each.changeAgent ?? undefined)) {
      return [`${each.id} was forwarded with the change agent ${each.changeAgent}, not ours`];
    }
    if (each.what === "begins" && isOurs(each.changeAgent)) {
      return [`Call ${each.handler} ${each.key} is of an own change`];
    }
    if (each.what !== "told" || each.change.source !== "callback" || !each.change.agents.length) return [];
    return each.change.agents.every(isOurs) ? [`${each.key} was told, though only own events told of it`] : [];
  });
}
