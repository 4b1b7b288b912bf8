import { requireMs, SheethookError } from "../../errors.ts";
import { signBody } from "../../receive/signature.ts";
import { isEqualInConstantTime } from "../../text.ts";

const MIN_LENGTH = 16;
const SESSION_MS = 12 * 3_600_000;

/** The token, and the sessions made with it. */
export interface Sessions {
  isToken(candidate: string): Promise<boolean>;
  /** Makes the value of a cookie, valid for 12 hours. The token can't be derived from it. */
  create(): Promise<string>;
  isSession(cookie: string): Promise<boolean>;
  /** Ends a session: this process no longer accepts its cookie. */
  end(cookie: string): Promise<void>;
}

/**
 * Sessions are signed, not stored: they survive a restart, and every process with the same token accepts them. This
 * process remembers ended sessions until they expire.
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
  /** Ids of ended sessions, and when they expire. */
  const ended = new Map<string, number>();

  async function isSession(cookie: string): Promise<boolean> {
    const [until = "", id = "", signature = ""] = cookie.split(".", 3);
    return isEqualInConstantTime(await sign(`session ${until}.${id}`), signature) && Number(until) > now() &&
      !ended.has(id);
  }

  return {
    // Compares signatures, so the time depends neither on the candidate's length nor on its text.
    isToken: async (candidate) => isEqualInConstantTime(await sign(`token ${candidate}`), await sign(`token ${token}`)),
    async create() {
      const content = `${now() + sessionMs}.${crypto.randomUUID()}`;
      return `${content}.${await sign(`session ${content}`)}`;
    },
    isSession,
    async end(cookie) {
      // Only real sessions are remembered: made-up cookies take no memory.
      if (!await isSession(cookie)) return;
      for (const [id, until] of ended) if (until <= now()) ended.delete(id);
      const [until = "", id = ""] = cookie.split(".", 2);
      ended.set(id, Number(until));
    },
  };
}
