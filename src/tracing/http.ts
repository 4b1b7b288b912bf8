import { type Attributes, context, propagation, type Span, SpanKind, trace } from "@opentelemetry/api";
import { redact } from "../redact.ts";
import type { Tracing } from "../tracing_port.ts";
import { inSpan, type NewSpan, setError } from "./in_span.ts";

const METHODS = /^(?:CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT|QUERY|TRACE)$/;

/** `fetch` with a span for each request. Queries are left out of it: they may hold anything. */
export const tracedFetch: Tracing["fetch"] = (fetch) => (input, init) => {
  const request = typeof input === "object" && "url" in input ? input : undefined;
  const describe = () =>
    clientSpan(init?.method ?? request?.method ?? "GET", new URL(request?.url ?? input.toString()));

  async function send(span: Span | undefined): Promise<Response> {
    const carried = span ? carriedHeaders() : {};
    if (!Object.keys(carried).length) return await fetch(input, init);
    const headers = new Headers(init?.headers ?? request?.headers);
    for (const [name, value] of Object.entries(carried)) headers.set(name, value);
    return await fetch(input, { ...init, headers });
  }

  return inSpan(describe, send, (span, answer) => setStatus(span, answer, 400));
};

/** The answer to a request; `route` is the path that the receiver is served on. */
export function answerIn(route: string | undefined): Tracing["answer"] {
  return (request, run) =>
    inSpan(() => serverSpan(request, route), run, (span, answer) => setStatus(span, answer, 500));
}

/** The headers that the registered propagator carries the active span in. */
export function carriedHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  try {
    propagation.inject(context.active(), headers);
  } catch {
    // Nothing depends on it.
  }
  return headers;
}

function serverSpan({ method, url, headers }: Request, route: string | undefined): NewSpan {
  const active = context.active();
  const { pathname, protocol, ...server } = partsOf(new URL(url));
  const target = route === undefined ? "" : ` ${route}`;
  // Where the host makes a span of its own, this one stands in it.
  const isNested = trace.getSpan(active) !== undefined;
  return {
    name: `${methodName(method)}${target}`,
    kind: isNested ? SpanKind.INTERNAL : SpanKind.SERVER,
    parent: isNested ? active : propagation.extract(active, headers, HEADERS),
    attributes: {
      ...methodOf(method),
      "url.path": redact(pathname),
      "url.scheme": protocol,
      ...addressOf(server),
      ...(route !== undefined && { "http.route": route }),
    },
  };
}

function clientSpan(given: string, url: URL): NewSpan {
  const method = given.toUpperCase();
  const { pathname, ...server } = partsOf(url);
  const template = templateOf(pathname);
  return {
    name: `${methodName(method)} ${template}`,
    kind: SpanKind.CLIENT,
    attributes: {
      ...methodOf(method),
      "url.full": redact(url.origin + pathname),
      "url.template": template,
      ...addressOf(server),
    },
  };
}

function partsOf({ hostname, port, pathname, protocol }: URL) {
  return {
    hostname,
    port: Number(port || (protocol === "https:" ? 443 : 80)),
    pathname,
    protocol: protocol.slice(0, -1),
  };
}

function addressOf({ hostname, port }: { readonly hostname: string; readonly port: number }): Attributes {
  return { "server.address": hostname, "server.port": port };
}

function methodOf(method: string): Attributes {
  return { "http.request.method": METHODS.test(method) ? method : "_OTHER" };
}

function methodName(method: string): string {
  return METHODS.test(method) ? method : "HTTP";
}

/** `/2.0/sheets/{id}/rows`: whatever isn't a word of the API's own is an id. */
function templateOf(pathname: string): string {
  return pathname.split("/").map((part) => /^(?:[a-zA-Z]*|\d\.\d)$/.test(part) ? part : "{id}").join("/");
}

function setStatus(span: Span, { status }: Response, firstError: number): void {
  span.setAttribute("http.response.status_code", status);
  if (status >= firstError) setError(span, String(status));
}

const HEADERS = {
  keys: (headers: Headers) => [...headers.keys()],
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
};
