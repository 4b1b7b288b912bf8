import { messageOf } from "../../errors.ts";
import type { Inbox } from "../../inbox/inbox.ts";
import { redact } from "../../redact.ts";
import type { News } from "./alert.ts";
import { news } from "./news.ts";

/** Whether the inbox can be written. */
export interface InboxCheck {
  /** Whether it couldn't be, the last time. */
  readonly isFailing: boolean;
  /** Writes, to find out. Never rejects. */
  look(): Promise<void>;
}

/** Tells that it can't be written, if that failed twice in a row: once may be a file that somebody has locked for a moment. */
export function createInboxCheck(inbox: Pick<Inbox, "check">, tell: (news: News) => void): InboxCheck {
  let failures = 0;
  return {
    get isFailing() {
      return failures > 0;
    },
    async look() {
      try {
        await inbox.check();
      } catch (error) {
        if (++failures === 2) tell(news.inboxUnwritable(redact(messageOf(error)).split("\n", 1)[0]!.slice(0, 300)));
        return;
      }
      if (failures > 1) tell(news.inboxWritable());
      failures = 0;
    },
  };
}
