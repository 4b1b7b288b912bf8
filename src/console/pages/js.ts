/**
 * The console's script. When the event stream announces a change, it fetches the page again and replaces the parts that
 * differ, keeping focus, scroll position, open details and checked boxes. Everything also works without it.
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
  source.addEventListener("open", () => show("on", "Live"));
  source.addEventListener("changed", refresh);
  source.addEventListener("error", () => {
    show("off", source.readyState === EventSource.CLOSED ? "Not live: reload the page" : "Reconnecting\\u2026");
  });
  document.addEventListener("visibilitychange", () => isStale && refresh());
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  function show(tone, text) {
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
      if (!response.ok) return show("off", "The page can\\u2019t be loaded");
      const next = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const part of document.querySelectorAll("[data-part]")) replace(part, next.getElementById(part.id));
      show("on", "Live");
    } catch {
      show("off", "Reconnecting\\u2026");
    } finally {
      isBusy = false;
      if (isStale) setTimeout(refresh, 500);
    }
  }

  function replace(part, next) {
    if (!next) return;
    for (const time of next.querySelectorAll("time")) localise(time);
    for (const details of part.querySelectorAll("details[id]")) {
      const other = next.querySelector("#" + details.id);
      if (other) other.open = details.open;
    }
    if (part.innerHTML === next.innerHTML) return;
    const boxes = [...next.querySelectorAll("[type=checkbox]")];
    for (const box of part.querySelectorAll("[type=checkbox]")) {
      const other = boxes.find(({ name, value }) => name === box.name && value === box.value);
      if (other) other.checked = box.checked;
    }
    const focused = part.contains(document.activeElement) ? keyOf(document.activeElement) : undefined;
    const scrolled = [...part.querySelectorAll(".scroll")].map((area) => area.scrollTop);
    part.replaceChildren(...next.childNodes);
    part.querySelectorAll(".scroll").forEach((area, index) => area.scrollTop = scrolled[index] ?? 0);
    if (focused === undefined) return;
    const again = [...part.querySelectorAll("a, button, input, summary, [tabindex]")].find((each) => keyOf(each) === focused);
    again?.focus({ preventScroll: true });
  }

  function keyOf(element) {
    const { href, formaction, value } = element.attributes;
    return element.tagName + ((href ?? formaction ?? value)?.value ?? element.closest("[id]")?.id ?? "");
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
