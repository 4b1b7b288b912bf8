import type { Context, Hono, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { markup } from "../pages/markup.ts";
import { messagePage } from "../pages/layout.ts";
import { loginPage } from "../pages/login.ts";
import { createSessions } from "./session.ts";
import { createSignInThrottle } from "./sign_in_throttle.ts";

const COOKIE = "sheethook_session";
const SECONDS = 12 * 3600;

/** Decides who may use the console. */
export interface SignIn {
  /**
   * Whether a request has the right bearer token: false at once without one, false after a second for a wrong one,
   * undefined if too many wrong ones are waiting.
   */
  isBearer(request: Request): Promise<boolean | undefined>;
  /** Protects `/console/*` with the token: people sign in with a form and get a cookie, machines send a bearer token. */
  guard(app: Hono): void;
}

/**
 * Without a token the console is open if only this machine can reach the port, and closed otherwise.
 *
 * @throws {SheethookError} `option_invalid` for a token that is too short
 */
export function createSignIn({ token, isLocal, base, now }: {
  readonly token: string | undefined;
  /** True if only this machine can reach the port. */
  readonly isLocal: boolean;
  /** The path of a proxy before `/console`. */
  readonly base: string;
  readonly now: () => number;
}): SignIn {
  if (token === undefined) {
    const open: MiddlewareHandler = (_, next) => next();
    const closed: MiddlewareHandler = async (context) => context.html(CLOSED.toString(), 403);
    return {
      isBearer: () => Promise.resolve(false),
      guard: (app) => void app.use("/console/*", isLocal ? open : closed),
    };
  }
  const sessions = createSessions(token, now);
  const throttle = createSignInThrottle();

  async function isBearer(request: Request): Promise<boolean | undefined> {
    const bearer = bearerOf(request);
    return bearer !== undefined && await throttle(sessions.isToken(bearer));
  }

  async function isKnown(context: Context): Promise<boolean | undefined> {
    if (bearerOf(context.req.raw) !== undefined) return isBearer(context.req.raw);
    const cookie = getCookie(context, COOKIE);
    return cookie !== undefined && sessions.isSession(cookie);
  }

  function guard(app: Hono): void {
    app.post("/console/sign-in", async (context) => {
      const form = await context.req.parseBody();
      const next = ownPath(form.next);
      const guess = typeof form.token === "string" ? form.token : "";
      const isRight = await throttle(sessions.isToken(guess));
      if (isRight) {
        setCookie(context, COOKIE, await sessions.create(), { ...cookieOptions(context), maxAge: SECONDS });
        return context.redirect(next, 303);
      }
      const error = isRight === undefined ? "Too many wrong tokens at once. Wait a moment." : "This isn't the token.";
      return context.html(loginPage(next, error).toString(), isRight === undefined ? 429 : 401);
    });
    app.post("/console/sign-out", async (context) => {
      await sessions.end(getCookie(context, COOKIE) ?? "");
      deleteCookie(context, COOKIE, cookieOptions(context));
      return context.redirect("/console", 303);
    });
    app.use("/console/*", async (context, next) => {
      const isAllowed = await isKnown(context);
      if (isAllowed) return next();
      if (isAllowed === undefined) return context.text("Too many wrong tokens at once\n", 429, { "retry-after": "1" });
      context.header("www-authenticate", 'Bearer realm="sheethook console"');
      const { path, method, url } = context.req;
      const page = loginPage(method === "GET" ? ownPath(path + new URL(url).search) : "/console");
      return context.html(page.toString(), 401);
    });
    app.get("/console/sign-in", (context) => context.redirect("/console", 303));
  }

  /** The origin was checked: it is the browser's own, also behind a proxy with https. */
  function cookieOptions(context: Context) {
    const secure = (context.req.header("origin") ?? context.req.url).startsWith("https:");
    return { path: `${base}/console`, httpOnly: true, sameSite: "Strict", secure } as const;
  }

  return { isBearer, guard };
}

/** Reads the token in `Authorization: Bearer …`, right or wrong. */
export function bearerOf({ headers }: Request): string | undefined {
  return /^Bearer +(\S.*)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** Returns the given path if it is a page of the console, and the overview otherwise. */
function ownPath(given: unknown): string {
  const url = typeof given === "string" ? URL.parse(given, "http://localhost") : null;
  const isOwn = url?.origin === "http://localhost" && /^\/console(\/callbacks|$)/.test(url.pathname);
  return isOwn ? url.pathname + url.search : "/console";
}

const CLOSED = messagePage(
  "The console is closed",
  markup`<p>Others can reach this port, so the console needs a token: set <code>SHEETHOOK_ADMIN_TOKEN</code> to 16 characters or more and start again, or use <code>--admin-host 127.0.0.1</code>.</p>`,
  { isBare: true },
);
