import type { Context, Hono, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { createGuesses } from "./guesses.ts";
import { markup } from "./markup.ts";
import { isLoopback } from "./host_check.ts";
import { messagePage } from "./layout.ts";
import { loginPage } from "./login_page.ts";
import { createSessions, type Sessions } from "./session.ts";

const COOKIE = "sheethook_session";
const COOKIE_OPTIONS = { path: "/console", httpOnly: true, sameSite: "Strict" } as const;
const SECONDS = 12 * 3600;

/**
 * Lets nobody in who doesn't know the token: people by a form and a cookie, machines by a bearer token. Without a token
 * everyone on this machine is let in, and nobody else.
 *
 * @throws {SheethookError} `option_invalid` for a token that is too short
 */
export function addSignIn(
  app: Hono,
  options: { readonly token: string | undefined; readonly hostname: string; readonly now: () => number },
): void {
  const { token, hostname, now } = options;
  const open: MiddlewareHandler = (_, next) => next();
  const closed: MiddlewareHandler = async (context) => context.html(CLOSED.toString(), 403);
  if (token === undefined) {
    app.use("/console/*", isLoopback(hostname) ? open : closed);
    return;
  }
  const sessions = createSessions(token, now);
  const tryGuess = createGuesses();

  app.post("/console/sign-in", async (context) => {
    const form = await context.req.parseBody();
    const next = ownPath(form.next);
    const guess = typeof form.token === "string" ? form.token : "";
    const isRight = await tryGuess(() => sessions.isToken(guess));
    if (isRight) {
      setCookie(context, COOKIE, await sessions.create(), { ...COOKIE_OPTIONS, maxAge: SECONDS });
      return context.redirect(next, 303);
    }
    const page = loginPage(
      next,
      isRight === undefined ? "Too many tries at once. Wait a moment." : "This isn't the token.",
    );
    return context.html(page.toString(), isRight === undefined ? 429 : 401);
  });
  app.post("/console/sign-out", (context) => {
    deleteCookie(context, COOKIE, COOKIE_OPTIONS);
    return context.redirect("/console", 303);
  });
  app.use("/console/*", async (context, next) => {
    const isKnown = await isKnownTo(sessions, tryGuess, context);
    if (isKnown) return next();
    if (isKnown === undefined) return context.text("Too many tries at once\n", 429, { "retry-after": "1" });
    context.header("www-authenticate", 'Bearer realm="sheethook console"');
    const { pathname, search } = new URL(context.req.url);
    const page = loginPage(context.req.method === "GET" ? ownPath(pathname + search) : "/console");
    return context.html(page.toString(), 401);
  });
  app.get("/console/sign-in", (context) => context.redirect("/console", 303));
}

async function isKnownTo(
  sessions: Sessions,
  tryGuess: ReturnType<typeof createGuesses>,
  context: Context,
): Promise<boolean | undefined> {
  const [, bearer] = /^Bearer +(\S.*)$/i.exec(context.req.header("authorization") ?? "") ?? [];
  if (bearer !== undefined) return tryGuess(() => sessions.isToken(bearer));
  const cookie = getCookie(context, COOKIE);
  return cookie !== undefined && sessions.isSession(cookie);
}

/** A page of the console's, whatever was given. */
function ownPath(given: unknown): string {
  const url = typeof given === "string" ? URL.parse(given, "http://localhost") : null;
  const isOwn = url?.origin === "http://localhost" && /^\/console(\/callbacks|$)/.test(url.pathname);
  return isOwn ? url.pathname + url.search : "/console";
}

const CLOSED = messagePage(
  "The console is closed",
  markup`<p>It isn't shown on an interface that others can reach, unless <code>SHEETHOOK_ADMIN_TOKEN</code> holds a token of 16 characters or more. Set it and start again, or use <code>--admin-host 127.0.0.1</code>.</p>`,
  { isBare: true },
);
