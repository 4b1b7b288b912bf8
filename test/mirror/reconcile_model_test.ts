import { test } from "node:test";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { checkPlans } from "./model/check_plans.ts";

test("a mirror is right after whatever happened, memory", async () => {
  await checkPlans(300, {
    async create() {
      const clock = { now: () => 0 };
      const inbox = memoryInbox({ now: () => clock.now(), random: () => 0.5 });
      return {
        async open(now) {
          clock.now = now;
          return inbox;
        },
        async end() {},
      };
    },
  });
});
