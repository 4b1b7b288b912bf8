import { type Markup, markup, type Part } from "./markup.ts";

type Entry = "overview" | "callbacks" | "sheets";

/** A page, to be put into the layout. */
export interface Page {
  readonly title: string;
  readonly main: Part;
  /** The navigation entry that is marked as current. */
  readonly at?: Entry | undefined;
  /** The URL of the event stream that announces changes; without it the page is static. */
  readonly live?: string | undefined;
  /** Shows "Sign out". */
  readonly canSignOut?: boolean;
  /** Leaves out the navigation, for people who are not signed in. */
  readonly isBare?: boolean;
}

/** Renders the whole document. Everything that can change while a page is open belongs in a `livePart`. */
export function layout({ title, main, at, live, canSignOut, isBare }: Page): Markup {
  const entry = (name: Entry, path: string, text: string) =>
    markup`<a href="${path}" ${at === name && CURRENT}>${text}</a>`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · sheethook</title>
<link rel="icon" type="image/svg+xml" href="/console/icon.svg">
<link rel="stylesheet" href="/console/console.css">
<script src="/console/console.js" defer></script>
</head>
<body ${live !== undefined && markup`data-live="${live}"`}>
<a class="skip" href="#main">Skip to content</a>
<header class="top"><div class="wrap">
<a class="mark" href="/console">${MARK}<span>sheethook</span></a>
${
    !isBare &&
    markup`<nav aria-label="Main">${entry("overview", "/console", "Overview")}${
      entry("callbacks", "/console/callbacks", "Callbacks")
    }${entry("sheets", "/console/sheets", "Sheets")}</nav>`
  }
<span class="grow"></span>
${live !== undefined && markup`<span class="live" id="live-state" hidden></span>`}
${canSignOut && SIGN_OUT}
</div></header>
<main id="main" class="wrap" tabindex="-1">
${main}
</main>
</body>
</html>
`;
}

/** A part of a page that the script replaces when it changes. Screen readers read a `status` out then. */
export function livePart(id: string, content: Part, role?: "status"): Markup {
  return markup`<div id="${id}" class="part" data-part ${role && markup`role="${role}"`}>${content}</div>`;
}

/** A page with one message. */
export function messagePage(title: string, text: Part, page: Partial<Page> = {}): Markup {
  return layout({ ...page, title, main: markup`<section class="card narrow"><h1>${title}</h1>${text}</section>` });
}

const CURRENT = markup`aria-current="page"`;
const SIGN_OUT = markup`<form method="post" action="/console/sign-out"><button class="link">Sign out</button></form>`;
const HOOK = "M15.5 6.5v7a3.75 3.75 0 0 1-7.5 0v-1.2m0 0-2.3 2.3m2.3-2.3 2.3 2.3";
const MARK = markup`<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
<rect x="2" y="2" width="20" height="20" rx="5"/>
<path d="${HOOK}"/></svg>`;

/** The mark as an SVG file, for the browser's tab. */
export const ICON =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect x="2" y="2" width="20" height="20" rx="5" fill="#0b6e4f"/><path d="${HOOK}" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
