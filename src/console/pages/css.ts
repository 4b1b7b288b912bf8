/** The console's stylesheet: light and dark, from 320 px up. Sizes follow the reader's font size. */
export const CONSOLE_CSS = `
:root {
  color-scheme: light dark;
  --back: #f5f7f5; --card: #fff; --line: #dde3df; --soft: #eef2ef;
  --text: #1b211e; --faint: #57625c; --link: #0a6145; --mark: #0b6e4f; --on-mark: #fff;
  --good: #146c43; --good-back: #e4f4ea; --warn: #7d5100; --warn-back: #fdf1d8;
  --bad: #ad1f17; --bad-back: #fdeae8; --busy: #1a5a9e; --busy-back: #e5eff9;
  --in: #a9cdbd; --out: #0b6e4f;
  --shadow: 0 1px 2px rgb(20 40 30 / 5%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #101412; --card: #181d1a; --line: #2c3430; --soft: #212824;
    --text: #e6ebe8; --faint: #a2ada7; --link: #6fd3ad; --mark: #1c8a66; --on-mark: #fff;
    --good: #7bd6a4; --good-back: #15301f; --warn: #f0c36a; --warn-back: #33270d;
    --bad: #ff9d94; --bad-back: #3b1a17; --busy: #8fc1f5; --busy-back: #15283c;
    --in: #2f6350; --out: #6fd3ad;
    --shadow: none;
  }
  .button.primary { --mark: #17795a; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--back); color: var(--text);
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
h1, h2 { margin: 0; line-height: 1.25; letter-spacing: -0.01em; font-weight: 650; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.0625rem; }
p { margin: 0; } a { color: var(--link); text-underline-offset: 0.18em; text-decoration-thickness: 0.06em; }
a:hover { text-decoration-thickness: 0.12em; }
code, pre, .id { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.9em; }
code { background: var(--soft); border-radius: 0.25rem; padding: 0.1em 0.35em; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 0.25rem; }
#main:focus { outline: none; }
.wrap { width: 100%; max-width: 78rem; margin: 0 auto; padding: 0 1.25rem; }
main.wrap { padding-block: 1.5rem 4rem; display: grid; gap: 1.25rem; grid-template-columns: minmax(0, 1fr); }
.part { display: grid; gap: 1.25rem; grid-template-columns: minmax(0, 1fr); } .part:empty { display: none; }
.narrow { max-width: 36rem; width: 100%; margin: 4vh auto 0; } .narrow > * + * { margin-top: 1rem; }
.faint { color: var(--faint); } .grow { flex: 1; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; background: var(--card); padding: 0.5rem 1rem; z-index: 1; }
.skip:focus { top: 0.5rem; }

.top { background: var(--card); border-bottom: 1px solid var(--line); }
.top .wrap { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1.25rem; min-height: 3.5rem; }
.mark { display: inline-flex; align-items: center; gap: 0.55rem; font-weight: 650; font-size: 1.0625rem; color: var(--text); text-decoration: none; letter-spacing: -0.01em; }
.mark svg { fill: none; stroke: var(--on-mark); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.mark rect { fill: var(--mark); stroke: none; }
.top nav { display: flex; gap: 0.25rem; align-self: stretch; }
.top nav a { display: inline-flex; align-items: center; min-height: 3rem; padding: 0 0.75rem; color: var(--faint); text-decoration: none; border-block: 2px solid transparent; }
.top nav a:hover { color: var(--text); } .top nav a[aria-current] { color: var(--text); font-weight: 600; border-bottom-color: var(--mark); }
.live { display: inline-flex; align-items: center; gap: 0.45rem; color: var(--faint); font-size: 0.875rem; }
.live[hidden] { display: none; }
.live::before { content: ""; width: 0.5rem; height: 0.5rem; border-radius: 50%; background: var(--good); }
.live[data-tone="off"]::before { background: none; border: 2px solid var(--warn); }
button.link { border: 0; background: none; color: var(--link); font: inherit; padding: 0.5rem 0; cursor: pointer; text-decoration: underline; text-underline-offset: 0.18em; }

.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1.125rem 1.25rem; box-shadow: var(--shadow); min-width: 0; }
.card > * + * { margin-top: 0.875rem; }
.card-head { display: grid; gap: 0.25rem; }
.title { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.75rem 1.25rem; }
.title h1 { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 0.75rem; } .title h1 .badge { font-size: 0.875rem; letter-spacing: 0; }
.empty { color: var(--faint); max-width: 46rem; }
.notice { background: var(--good-back); color: var(--good); border-radius: 0.75rem; padding: 0.75rem 1.25rem; }
.pair, .split { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); } .pair, .split { align-items: start; }

.health { border-radius: 0.75rem; padding: 1rem 1.25rem; border: 1px solid transparent; border-left-width: 0.375rem; }
.health-text { font-size: 1.25rem; font-weight: 650; letter-spacing: -0.01em; line-height: 1.3; } .health p + p { margin-top: 0.25rem; color: var(--text); } .health p + p a { color: inherit; }
.health-text::before { display: inline-block; min-width: 1.35em; }
.health.good { background: var(--good-back); color: var(--good); border-left-color: var(--good); } .health.good .health-text::before { content: "✓" / ""; }
.health.warn { background: var(--warn-back); color: var(--warn); border-left-color: var(--warn); } .health.warn .health-text::before { content: "!" / ""; }
.health.bad { background: var(--bad-back); color: var(--bad); border-left-color: var(--bad); } .health.bad .health-text::before { content: "✕" / ""; }
.health ul { margin: 0.75rem 0 0; padding: 0.625rem 0 0; list-style: none; display: grid; gap: 0.25rem; border-top: 1px solid var(--line); color: var(--text); } .health li a { color: inherit; } .health strong { font-weight: 600; }
.health.idle { background: var(--card); border-color: var(--line); }

.tiles { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.75rem; grid-template-columns: repeat(6, minmax(0, 1fr)); }
.tile > * { display: grid; gap: 0.125rem; height: 100%; padding: 0.875rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; box-shadow: var(--shadow); color: inherit; text-decoration: none; align-content: start; }
.tile a:hover { border-color: var(--link); }
.tile-name, .tile-note { color: var(--faint); font-size: 0.875rem; } .tile-value { font-size: 1.625rem; font-weight: 650; line-height: 1.2; letter-spacing: -0.02em; }
.tile.warn .tile-value { color: var(--warn); } .tile.bad .tile-value { color: var(--bad); }

.plot { margin-inline: 0; margin-bottom: 0; } 
.plot svg { display: block; width: 100%; height: 8.5rem; overflow: visible; border-bottom: 1px solid var(--line); }
.plot-top { display: block; text-align: right; font-size: 0.8125rem; color: var(--faint); line-height: 1.2; padding-bottom: 0.125rem; }
.plot .grid { stroke: var(--line); fill: none; vector-effect: non-scaling-stroke; }
.plot .in { fill: var(--in); } .plot .out { fill: none; stroke: var(--out); stroke-width: 1.75; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.plot .dead { fill: var(--bad); }
.axis { display: flex; justify-content: space-between; color: var(--faint); font-size: 0.8125rem; padding-top: 0.25rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin-top: 0.5rem; font-size: 0.875rem; color: var(--faint); }
.key { display: inline-flex; align-items: center; gap: 0.4rem; } .key::before { content: ""; width: 0.75rem; height: 0.75rem; }
.key.in::before { background: var(--in); } .key.out::before { height: 0; border-top: 2px solid var(--out); width: 1rem; }
.key.dead::before { background: var(--bad); clip-path: polygon(50% 0, 100% 100%, 0 100%); }

table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; } thead th { color: var(--faint); font-size: 0.8125rem; font-weight: 500; white-space: nowrap; }
th, td { padding: 0.5rem 1rem 0.5rem 0; vertical-align: baseline; border-bottom: 1px solid var(--line); } tbody tr:last-child > * { border-bottom: 0; }
th:last-child, td:last-child { padding-right: 0; }
.numbers { font-size: 0.875rem; } .numbers td { white-space: nowrap; }
.scroll { overflow: auto; max-height: 24rem; margin-top: 0.5rem; } .scroll thead th { position: sticky; top: 0; background: var(--card); }
.rows time, .rows .num { white-space: nowrap; } .rows .id { white-space: nowrap; } .why { color: var(--faint); overflow-wrap: anywhere; } .rows .why { min-width: 12rem; font-size: 0.875rem; } .rows .what { min-width: 13rem; overflow-wrap: anywhere; } .why summary { color: inherit; }
.pre { white-space: pre-wrap; overflow-wrap: anywhere; }

.badge { display: inline-flex; align-items: center; gap: 0.35em; padding: 0.1em 0.65em; border-radius: 1rem; font-size: 0.8125rem; font-weight: 550; white-space: nowrap; background: var(--soft); color: var(--faint); }
.badge.good { background: var(--good-back); color: var(--good); } .badge.warn { background: var(--warn-back); color: var(--warn); }
.badge.bad { background: var(--bad-back); color: var(--bad); } .badge.busy, .badge.wait { background: var(--busy-back); color: var(--busy); }
.chip { display: inline-block; background: var(--soft); border-radius: 0.375rem; padding: 0.1em 0.55em; margin: 0.125rem 0; font-size: 0.875rem; overflow-wrap: anywhere; }

.button { display: inline-flex; align-items: center; min-height: 2.375rem; padding: 0.25rem 0.95rem; border: 1px solid var(--line); border-radius: 0.5rem; background: var(--card); color: var(--text); font: inherit; font-weight: 550; text-decoration: none; cursor: pointer; }
.button:hover { border-color: var(--link); }
.button.primary { background: var(--mark); border-color: var(--mark); color: var(--on-mark); }
.button.small { min-height: 2rem; padding: 0 0.7rem; font-size: 0.875rem; white-space: nowrap; }
.button.danger { background: var(--bad-back); border-color: var(--bad); color: var(--bad); }
.actions { display: flex; flex-wrap: wrap; gap: 0.5rem; } .actions:empty { display: none; } .rows .actions { flex-wrap: nowrap; } .rows + .actions { margin-top: 0.875rem; }
.narrow .actions { margin-top: 1.25rem; }
input:not([type="checkbox"]) { width: 100%; min-width: 0; min-height: 2.375rem; padding: 0.25rem 0.7rem; border: 1px solid var(--faint); border-radius: 0.5rem; background: var(--card); color: var(--text); font: inherit; }
input[aria-invalid] { border-color: var(--bad); } ::placeholder { color: var(--faint); opacity: 1; }
.field { display: grid; gap: 0.25rem; align-content: start; min-width: 0; margin: 0; padding: 0; border: 0; } .field label, .field legend { font-size: 0.875rem; color: var(--faint); padding: 0; }
.error { color: var(--bad); font-size: 0.875rem; }
.fields { display: grid; gap: 0.875rem 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13.5rem), 1fr)); margin-top: 0.75rem; }
.filter { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0.75rem 1rem; align-items: center; } .filter > * + * { margin-top: 0; } .filter .more { grid-column: 1 / -1; grid-row: 2; }
.filter .states { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; align-items: center; } .filter .states legend { float: left; margin-right: 1rem; }
.choice { display: inline-flex; align-items: center; gap: 0.45rem; min-height: 1.75rem; } .field .choice { color: var(--text); font-size: inherit; }
.rows .choice { min-height: 0; align-items: baseline; } .rows .choice input { translate: 0 0.15rem; }
.choice input { width: 1.05rem; height: 1.05rem; margin: 0; accent-color: var(--mark); }
.calls { margin: 0.75rem 0; padding-left: 1.25rem; display: grid; gap: 0.5rem; }
.paging { display: flex; gap: 1rem; align-items: center; color: var(--faint); }

.problem { border-radius: 0.75rem; padding: 1rem 1.25rem; border-left: 0.375rem solid var(--line); background: var(--soft); }
.problem.bad { background: var(--bad-back); border-color: var(--bad); } .problem.warn { background: var(--warn-back); border-color: var(--warn); }
.error-message { font-weight: 600; overflow-wrap: anywhere; } .problem > * + * { margin-top: 0.5rem; }
.error-text { margin: 0.5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 20rem; overflow: auto; }
.facts { margin-inline: 0; margin-bottom: 0; display: grid; gap: 0.625rem; } .facts > div { display: grid; grid-template-columns: minmax(7rem, 10rem) minmax(0, 1fr); gap: 0.25rem 1rem; }
.facts dt { color: var(--faint); } .facts dd { margin: 0; overflow-wrap: anywhere; } .steps { margin: 0; padding: 0; list-style: none; } .values { display: grid; gap: 0.25rem; } .values details { display: inline-block; vertical-align: top; max-width: 100%; }
.ways { list-style: none; margin-inline: 0; margin-bottom: 0; padding: 0; display: grid; gap: 0.875rem; } .ways p { color: var(--faint); font-size: 0.875rem; margin-bottom: 0.25rem; }
.way { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.5rem 0; align-items: center; }
.way li { display: inline-flex; align-items: center; gap: 0.35rem; border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.2rem 0.7rem; min-width: 0; }
.way li code { background: none; padding: 0; } .way li:not(:last-child) { margin-right: 1.75rem; position: relative; }
.way li:not(:last-child)::after { content: "→" / ""; position: absolute; left: calc(100% + 0.4rem); color: var(--faint); }
.way .ours { border-color: var(--mark); } .way .end { border-style: dashed; color: var(--good); } .way .stopped { color: var(--faint); }
details > summary { cursor: pointer; color: var(--link); width: fit-content; padding: 0.125rem 0; }
.payload { margin: 0; margin-top: 0.875rem; background: var(--soft); border-radius: 0.5rem; padding: 1rem; overflow: auto; max-height: 32rem; white-space: pre; }

@media (max-width: 68rem) {
  .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .rows th, .rows td { padding-right: 0.625rem; } .rows .why, .rows .what { min-width: 8rem; }
}
@media (max-width: 56rem) {
  .wrap { padding-inline: 1rem; } .card { padding: 1rem; }
  .filter { grid-template-columns: minmax(0, 1fr); } .filter .more { grid-row: auto; }
  .rows, .rows tbody, .rows tr, .rows td { display: block; } .rows thead { display: none; }
  .rows tr { display: flex; flex-wrap: wrap; column-gap: 0.75rem; padding: 0.75rem 0; border-bottom: 1px solid var(--line); } .rows tr:last-child { border-bottom: 0; padding-bottom: 0; } .rows tr:first-child { padding-top: 0; }
  .rows td { flex: 0 0 100%; overflow-wrap: anywhere; display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: 0.75rem; padding: 0.1875rem 0; border: 0; justify-items: start; }
  .rows td.none { display: none; }
  .rows td::before { content: attr(data-name) / ""; color: var(--faint); font-size: 0.875rem; } .rows .why, .rows .what { min-width: 0; } .rows .id { white-space: normal; overflow-wrap: anywhere; }
  .badge { white-space: normal; overflow-wrap: anywhere; }
  .rows td.head { flex: none; max-width: 100%; display: flex; } .rows td.head::before { content: none; }
  .rows td:first-child { font-weight: 600; } .rows .brief { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
  .mark span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } .top .wrap { column-gap: 0.75rem; } .top nav a { padding-inline: 0.5rem; }
  .facts > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media (max-width: 34rem) {
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .top .wrap { column-gap: 0.5rem; } .top nav a { padding-inline: 0.25rem; } .live { max-width: 0.5rem; overflow: hidden; white-space: nowrap; }
}
@media (prefers-reduced-motion: no-preference) { .live[data-tone="on"]::before { animation: breathe 3s ease-in-out infinite; } }
@keyframes breathe { 50% { opacity: 0.45; } }
@media (forced-colors: active) { .badge, .tile > *, .health { border: 1px solid; } }
`;
