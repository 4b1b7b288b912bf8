import { requireMs, SheethookError } from "../../errors.ts";
import { signBody } from "../../receive/signature.ts";
import { isEqualInConstantTime } from "../../text.ts";

const MIN_LENGTH = 16;
const SESSION_MS = 12 * 3_600_000;

/** Who may see the console: whoever knows the token, or has a session that was made with it. */
export interface Sessions {
  isToken(candidate: string): Promise<boolean>;
  /** The value of a cookie, good for 12 hours. It isn't the token, and doesn't lead to it. */
  create(): Promise<string>;
  isSession(cookie: string): Promise<boolean>;
  /** Ends a session: its cookie isn't accepted again by this process. */
  end(cookie: string): Promise<void>;
}

/**
 * Sessions are signed, not stored: they outlive a restart, are valid for every process with the same token, and end with
 * it. The sessions that were ended are remembered by this process, until their time is over.
 *
 * @throws {SheethookError} `option_invalid` for a token that is too short
 */
export function createSessions(token: string, now: () => number, sessionMs: number = SESSION_MS): Sessions {
  if (token.length < MIN_LENGTH) {
    throw new SheethookError(
      "option_invalid",
      `token has ${token.length} characters, but should have at least ${MIN_LENGTH}`,
      { option: "token" },
    );
  }
  requireMs("sessionMs", sessionMs);
  const sign = (text: string) => signBody(text, `sheethook console ${token}`);
  /** Until when they would have been valid, by their ids. */
  const ended = new Map<string, number>();

  async function isSession(cookie: string): Promise<boolean> {
    const [until = "", id = "", signature = ""] = cookie.split(".", 3);
    return isEqualInConstantTime(await sign(`session ${until}.${id}`), signature) && Number(until) > now() &&
      !ended.has(id);
  }

  return {
    // What is compared is as long for every candidate, and nobody can choose it.
    isToken: async (candidate) => isEqualInConstantTime(await sign(`token ${candidate}`), await sign(`token ${token}`)),
    async create() {
      const content = `${now() + sessionMs}.${crypto.randomUUID()}`;
      return `${content}.${await sign(`session ${content}`)}`;
    },
    isSession,
    async end(cookie) {
      // Nobody can fill the memory with what was never a session.
      if (!await isSession(cookie)) return;
      for (const [id, until] of ended) if (until <= now()) ended.delete(id);
      const [until = "", id = ""] = cookie.split(".", 2);
      ended.set(id, Number(until));
    },
  };
}
