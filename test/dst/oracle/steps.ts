import { callbackKey, type Facts } from "./facts.ts";

/** A step that was recorded never runs again, and always has the result that was recorded; a callback that was done and is replayed starts afresh. */
export function checkSteps({ history }: Facts): string[] {
  const recorded = new Map<string, string>();
  return history.flatMap((each) => {
    if (each.what === "operator" && each.act === "replay" && each.from !== "dead") {
      for (const step of recorded.keys()) {
        if (callbackKey(step.split(" ")[1]!).split("@")[0] === each.key) recorded.delete(step);
      }
    }
    if (each.what !== "step runs" && each.what !== "step recorded") return [];
    const step = `${each.key} ${each.name}`;
    const known = recorded.get(step);
    if (each.what === "step runs") return known === undefined ? [] : [`Step ${step} ran again`];
    recorded.set(step, each.result);
    return known !== undefined && known !== each.result
      ? [`Step ${step} had the result ${known}, and then ${each.result}`]
      : [];
  });
}
