import { optionError, SheethookError } from "../errors.ts";
import { CHANGE_AGENT_HEADER } from "../smartsheet/headers.ts";
import type { Tracing } from "../tracing_port.ts";
import { API_URLS } from "../smartsheet/hosts.ts";
import { outgoingChangeAgent } from "./outgoing.ts";
import { type Origin, originOf } from "./own_change.ts";

const API_ORIGINS = Object.values(API_URLS).map((url) => new URL(url).origin);

/** The type of `fetch` on every runtime. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Detects own changes, and marks own writes. */
export interface ChangeAgent {
  /** Whether an event with this `changeAgent` is an own change. */
  origin(changeAgent: string | undefined): Origin;
  /** The header value for a write made because of events with these lists. */
  outgoing(received: readonly string[]): string;
  /** A fetch that adds `outgoing(received)` to writes to Smartsheet, and to no other request. */
  fetch(received: readonly string[], writes?: WriteWatch): Fetch;
}

/** Observes requests other than GET, HEAD and OPTIONS. */
export interface WriteWatch {
  /** Called before each request, which isn't sent if this throws or rejects. */
  readonly confirm: () => void | Promise<void>;
  /** Called when Smartsheet answers one with 4xx or 5xx. Must not read the answer's body. */
  readonly onRefused: (write: { readonly method: string; readonly url: URL }, answer: Response) => void;
}

/**
 * Ends loops: writes carry the identity, and an event that comes back with it is an own change.
 * https://developers.smartsheet.com/api/smartsheet/guides/webhooks/webhook-callbacks
 *
 * @throws {SheethookError} `option_invalid` for an identity that a list couldn't hold unambiguously, or an `apiUrl` that isn't
 * an http(s) URL
 */
export function createChangeAgent(
  identity: string,
  apiUrl: string | URL | undefined,
  givenFetch: Fetch,
  tracing?: Tracing,
): ChangeAgent {
  if (typeof identity !== "string" || !/^(?! )[\x20-\x24\x26-\x2b\x2d-\x7e]{1,128}$(?<! )/.test(identity)) {
    throw optionError(
      "changeAgent",
      identity,
      "1 to 128 characters of ASCII, without comma, %, control characters, or blanks at its ends",
    );
  }
  const origins = apiUrl === undefined ? API_ORIGINS : [...API_ORIGINS, originOfApi(apiUrl)];

  const isApi = (href: string) => URL.canParse(href) && origins.includes(bareOrigin(href));
  const tracedFetch = tracing?.fetch(givenFetch);
  const fetch: Fetch = tracedFetch
    ? (input, init) => (isApi(hrefOf(input)) ? tracedFetch : givenFetch)(input, init)
    : givenFetch;

  // The events of one callback mostly have the same list.
  let last: { readonly changeAgent: string; readonly origin: Origin } = { changeAgent: "", origin: "other" };

  return {
    origin(changeAgent) {
      if (typeof changeAgent !== "string") return "other";
      if (changeAgent !== last.changeAgent) last = { changeAgent, origin: originOf(changeAgent, identity) };
      return last.origin;
    },
    outgoing: (received) => outgoingChangeAgent(received, identity),
    fetch: (received, writes) => async (input, init) => {
      const request = requestOf(input);
      const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
      if (/^(GET|HEAD|OPTIONS)$/.test(method)) return fetch(input, init);
      await writes?.confirm();
      const href = hrefOf(input);
      if (!isApi(href)) return fetch(input, init);
      const headers = new Headers(init?.headers ?? request?.headers);
      const given = headers.get(CHANGE_AGENT_HEADER);
      headers.set(CHANGE_AGENT_HEADER, outgoingChangeAgent(given === null ? received : [given, ...received], identity));
      const isManual = (init?.redirect ?? request?.redirect) === "manual";
      const answer =
        await (isManual
          ? fetch(input, { ...init, headers })
          : fetchWithoutRedirect(fetch, input, { ...init, headers }));
      if (answer.status >= 400) writes?.onRefused({ method, url: new URL(href) }, answer);
      return answer;
    },
  };
}

// Every runtime would send the header on to the redirect's origin. workerd has no "error", so there the status is checked.
async function fetchWithoutRedirect(fetch: Fetch, input: string | URL | Request, init: RequestInit): Promise<Response> {
  if (HAS_REDIRECT_ERROR) return fetch(input, { ...init, redirect: "error" });
  const response = await fetch(input, { ...init, redirect: "manual" });
  if (![301, 302, 303, 307, 308].includes(response.status)) return response;
  throw new TypeError("A write with a change agent was redirected, which isn't followed");
}

const HAS_REDIRECT_ERROR = (() => {
  try {
    return new Request(API_URLS.us, { redirect: "error" }).redirect === "error";
  } catch {
    return false;
  }
})();

function requestOf(input: string | URL | Request): Request | undefined {
  return typeof input === "object" && "url" in input ? input : undefined;
}

function hrefOf(input: string | URL | Request): string {
  return requestOf(input)?.url ?? String(input);
}

/** The origin without a trailing dot of the host, which names the same host. */
function bareOrigin(url: string | URL): string {
  return new URL(url).origin.replace(/\.(?=:\d+$|$)/, "");
}

function originOfApi(apiUrl: string | URL): string {
  try {
    if (/^https?:$/.test(new URL(apiUrl).protocol)) return bareOrigin(apiUrl);
  } catch (cause) {
    throw new SheethookError("option_invalid", `apiUrl is ${JSON.stringify(String(apiUrl))}, but should be a URL`, {
      cause,
      option: "apiUrl",
    });
  }
  throw optionError("apiUrl", String(apiUrl), "an http or https URL");
}
