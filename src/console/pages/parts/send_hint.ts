import { type Markup, markup } from "../markup.ts";

/** How to send a first callback. A process that doesn't receive callbacks has no URL for them. */
export function sendHint(callbackUrl: string | undefined): Markup {
  return markup`Try it with a sample callback: <code>sheethook send ${callbackUrl ?? "<callback URL>"}</code>`;
}
