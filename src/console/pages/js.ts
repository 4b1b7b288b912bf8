/**
 * What makes an open page live; everything works without it. It asks for the page again when it is told that something
 * has changed, and exchanges the parts that have, under the reader's hands as little as possible.
 */
export const CONSOLE_JS = `"use strict";
(() => {
  const { live } = document.body.dataset;
  const state = document.getElementById("live-state");
  for (const time of document.querySelectorAll("time")) localise(time);
  if (!live || !state) return;
  let isBusy = false;
  let isStale = false;

  const source = new EventSource(live);
  source.addEventListener("open", () => tell("on", "Live"));
  source.addEventListener("changed", refresh);
  source.addEventListener("error", () => {
    tell("off", source.readyState === EventSource.CLOSED ? "Not live: reload the page" : "Connecting again\\u2026");
  });
  document.addEventListener("visibilitychange", () => isStale && refresh());
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  function tell(tone, text) {
    state.hidden = false;
    state.dataset.tone = tone;
    if (state.textContent !== text) state.textContent = text;
  }

  async function refresh() {
    isStale = document.hidden || isBusy || isSelecting();
    if (isStale) return;
    isBusy = true;
    try {
      const response = await fetch(location.href);
      if (response.status === 401) return void location.reload();
      if (!response.ok) return tell("off", "The page can\\u2019t be read just now");
      const next = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const part of document.querySelectorAll("[data-part]")) exchange(part, next.getElementById(part.id));
      tell("on", "Live");
    } catch {
      tell("off", "Connecting again\\u2026");
    } finally {
      isBusy = false;
      if (isStale) setTimeout(refresh, 500);
    }
  }

  function exchange(part, next) {
    if (!next) return;
    for (const time of next.querySelectorAll("time")) localise(time);
    for (const details of part.querySelectorAll("details[id]")) {
      const other = next.querySelector("#" + details.id);
      if (other) other.open = details.open;
    }
    if (part.innerHTML === next.innerHTML) return;
    const focused = part.contains(document.activeElement) ? keyOf(document.activeElement) : undefined;
    const scrolled = [...part.querySelectorAll(".scroll")].map((area) => area.scrollTop);
    part.replaceChildren(...next.childNodes);
    part.querySelectorAll(".scroll").forEach((area, index) => area.scrollTop = scrolled[index] ?? 0);
    if (focused === undefined) return;
    const again = [...part.querySelectorAll("a, button, summary, [tabindex]")].find((each) => keyOf(each) === focused);
    again?.focus({ preventScroll: true });
  }

  function keyOf(element) {
    return element.tagName + (element.getAttribute("href") ?? element.closest("[id]")?.id ?? "");
  }

  function isSelecting() {
    const selection = getSelection();
    return Boolean(selection && !selection.isCollapsed && selection.anchorNode?.parentElement?.closest("[data-part]"));
  }

  function localise(time) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) return;
    time.title = date.toLocaleString() + " (" + time.title + ")";
    const { local } = time.dataset;
    if (local === "exact") time.textContent = date.toLocaleString([], { dateStyle: "medium", timeStyle: "long" });
    if (local === "clock") time.textContent = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }
})();
`;
