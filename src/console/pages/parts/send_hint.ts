import { type Markup, markup } from "../markup.ts";

/** How to make the first callback come in; where this process only works the inbox, the receiver's URL isn't known. */
export function sendHint(callbackUrl: string | undefined): Markup {
  return markup`Try it with a sample callback: <code>sheethook send ${callbackUrl ?? "<callback URL>"}</code>`;
}
