/** What stands in a text instead of a secret. */
const HIDDEN = "***";

/** A shorter text stands in other words by chance. */
const MIN_LENGTH = 8;

const known = new Set<string>();
let knownPattern: RegExp | undefined;

/**
 * Makes {@linkcode redact} take a secret out of every text from now on: a shared secret, a token, a password. One of fewer
 * than 8 characters is only found by the field that carries it.
 */
export function registerSecret(secret: string): void {
  const text = secret.trim();
  if (text.length < MIN_LENGTH || known.has(text)) return;
  // Also as it stands in a URL, and in JSON.
  for (const form of [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)]) known.add(form);
  // The longer first: one may begin as another does.
  const forms = [...known].sort((a, b) => b.length - a.length);
  knownPattern = new RegExp(forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"), "g");
}

/** The last part of the names of header fields, parameters and properties that carry secrets. */
const NAMES = [
  "authorization",
  "cookie",
  "api[-_]?key",
  "(?:auth|access|refresh|id|csrf)[-_]?token",
  "(?:client|shared)[-_]?secret",
  "hmac[-_]?sha-?256",
  "signature",
  "password",
  "passwd",
].join("|");

const NAME = String.raw`(?<![\w?&-])[\w-]{0,40}(?:${NAMES})(?![\w-])`;
// In quotes up to the next quote of that kind, in brackets up to their end, else up to the end of the line.
const VALUE =
  String.raw`"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)|(?<escaped>\\+["'])[^\r\n]*?(?:\k<escaped>|$)` +
  String.raw`|\[[^\]]*(?:\]|$)|[^\r\n]*`;

/** `Authorization: Bearer abc`, `"cookie":"a=b"`, `x-api-key: 'abc'`, and `"Cookie", "a=b"` as in a list of raw headers. */
const FIELD = new RegExp(String.raw`(${NAME}\\*["']?\s*(?:[:=]\s*|,\s*(?=\\*["'])))(?:${VALUE})`, "gim");
const SCHEME = /\b(bearer\s+)(?!token\b)[^\s"',;\\)}\]]+/gi;
const BASIC = /\b(Basic\s+)(?=\S*[A-Z0-9=])[A-Za-z0-9+/]{8,}={0,2}/g;
const USER_INFO = /(:\/\/[^\s/@:"']*:)[^\s/@"']+@/g;
const PARAMETER = /([?&;][\w-]{0,40}(?:token|secret|key|code|auth|sig|signature|password)=)[^&\s"'#]+/gi;
/** Whether a text may hold any of these: most hold none. */
const SUSPICIOUS = new RegExp(`${NAMES}|bearer|Basic|:\\/\\/|[?&;][\\w-]+=`, "i");

/**
 * The text without known secrets, without what header fields and properties such as `Authorization`, `Cookie` and `X-Api-Key`
 * hold, without what stands behind `Bearer`, and without the password in a URL.
 */
export function redact(text: string): string {
  let rest = knownPattern && text.length >= MIN_LENGTH ? text.replace(knownPattern, HIDDEN) : text;
  if (!SUSPICIOUS.test(rest)) return rest;
  rest = rest.replace(FIELD, (field, name: string) => {
    const quote = /^\\*["']/.exec(field.slice(name.length))?.[0] ?? "";
    return `${name}${quote}${HIDDEN}${quote}`;
  });
  return rest.replace(SCHEME, `$1${HIDDEN}`).replace(BASIC, `$1${HIDDEN}`).replace(USER_INFO, `$1${HIDDEN}@`)
    .replace(PARAMETER, `$1${HIDDEN}`);
}

/** Whether a property of this name carries a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

const SECRET_NAME = new RegExp(`(?:${NAMES})$`, "i");
