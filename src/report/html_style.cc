// The style sheet of the HTML report. Contrast: every text colour has at least 4.5:1 on each ground
// that it stands on (WCAG 2.2 AA), in both colour schemes; tests/report/test_html.py measures it.
#include "report/html_parts.h"

namespace firebreak {

const std::string_view kHtmlStyle = R"css(
:root {
  --ground: #ffffff; --card: #f5f7f9; --ink: #1b2026; --faint: #545d68; --rule: #d3d9e0;
  --link: #0a4fb0; --good: #146c2e; --bad: #a8131f; --unsure: #7a4b00;
  --good-ground: #e4f4e7; --bad-ground: #fdebec; --unsure-ground: #fdf3dc; --neutral-ground: #eceff3;
  --hue-0: #e3ecff; --hue-1: #e2f5e6; --hue-2: #fdf0d5; --hue-3: #f1e6fb; --hue-4: #dff4f6;
  --hue-5: #fde6f0; --hue-none: #eef0f3;
  --edge-0: #3b66c4; --edge-1: #2c7a43; --edge-2: #94690b; --edge-3: #7a46b0; --edge-4: #17737d;
  --edge-5: #ab3a72; --edge-none: #6b7480;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1317; --card: #181e25; --ink: #e7ecf1; --faint: #a3aebb; --rule: #343d48;
    --link: #8bbcff; --good: #6ad382; --bad: #ff938c; --unsure: #ecbc5a;
    --good-ground: #12301b; --bad-ground: #3b171a; --unsure-ground: #37290d; --neutral-ground: #222a33;
    --hue-0: #17233d; --hue-1: #142c1c; --hue-2: #31270f; --hue-3: #291c38; --hue-4: #102c30;
    --hue-5: #361a28; --hue-none: #1b2229;
    --edge-0: #7ea4f7; --edge-1: #6bc487; --edge-2: #d9ab4a; --edge-3: #bd93ea; --edge-4: #5fc3cf;
    --edge-5: #ec8ab8; --edge-none: #8b96a3;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 76rem; padding: 1.25rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.4rem; margin: 0 0 .75rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .25rem; }
h4 { font-size: .9rem; margin: 1rem 0 .25rem; color: var(--faint); }
p { margin: .25rem 0 .75rem; }
a { color: var(--link); }
ul, ol { margin: .25rem 0; padding-left: 1.4rem; }
code, pre, .code { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em; }
.faint { color: var(--faint); font-weight: 400; }
.small { font-size: .85rem; }
.skip { position: absolute; left: -100vw; background: var(--ground); padding: .5rem 1rem; z-index: 2; }
.skip:focus { left: 1rem; top: .5rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
[hidden] { display: none !important; }

.banner { border-left: .4rem solid var(--faint); background: var(--neutral-ground); padding: .75rem 1rem; border-radius: .35rem; }
.banner.good { border-color: var(--good); background: var(--good-ground); }
.banner.bad { border-color: var(--bad); background: var(--bad-ground); }
.banner.unsure { border-color: var(--unsure); background: var(--unsure-ground); }
.result { font-size: 1.1rem; font-weight: 600; margin: 0; }
.counts { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem; padding: 0; margin: .5rem 0 0; }
.counts:empty { display: none; }
.badge { display: inline-block; color: #fff; background: #57606a; border-radius: .3rem; padding: 0 .45rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.badge.s-critical { background: #7d0a17; }
.badge.s-high { background: #bd1826; }
.badge.s-medium { background: #a04500; }
.badge.s-low { background: #755a00; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 1rem 0 0; }
.facts dt { color: var(--faint); }
.facts dd { margin: 0; }

nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: .6rem 0; margin: 1rem 0 0; border-top: 1px solid var(--rule); border-bottom: 1px solid var(--rule); }
.more summary { padding: .3rem 0; color: var(--faint); }

.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; min-width: 32rem; overflow-wrap: normal; }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem; border-bottom: 1px solid var(--rule); }
thead th { color: var(--faint); font-weight: 500; font-size: .9rem; }
tbody th { font-weight: 600; }
#matrix-table th, #matrix-table td { white-space: nowrap; }
#matrix-table tbody th { position: sticky; left: 0; background: var(--ground); }
td.met { color: var(--good); }
td.missed { background: var(--bad-ground); font-weight: 600; }
td.missed, td.missed a { color: var(--bad); }
td.unknown { background: var(--unsure-ground); }
td.unknown, td.unknown a { color: var(--unsure); }

.finding { border: 1px solid var(--rule); border-left: .3rem solid var(--rule); border-radius: .35rem; margin: .6rem 0; background: var(--card); }
.finding.s-critical, .finding.s-high { border-left-color: #bd1826; }
.finding.s-medium { border-left-color: #d9730d; }
.finding.s-low { border-left-color: #b8930f; }
.finding:target { outline: 3px solid var(--link); }
summary { cursor: pointer; padding: .55rem .8rem; }
.finding summary .title { font-weight: 600; }
.finding .body { padding: 0 1rem .75rem; }
.path { list-style: none; padding: 0; }
.path li { padding-left: 1.4rem; position: relative; }
.path li + li::before { content: "→"; position: absolute; left: 0; color: var(--faint); }
.commands { position: relative; margin: .25rem 0 .75rem; }
pre { margin: 0; padding: .7rem .8rem; background: var(--ground); border: 1px solid var(--rule); border-radius: .3rem; overflow-wrap: normal; }
.copy { margin-top: .35rem; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: .5rem 0 1rem; }
fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem .8rem; }
legend { float: left; margin-right: .6rem; padding: 0; }
button, input[type=search], select {
  font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--edge-none); border-radius: .3rem;
  padding: .25rem .7rem; min-height: 2rem;
}
button { cursor: pointer; }

.map { width: fit-content; max-height: 75vh; overflow: auto; border: 1px solid var(--rule); border-radius: .35rem; background: var(--ground); }
svg { display: block; font: 12px ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
svg text { fill: var(--ink); }
svg .faint, svg text.faint { fill: var(--faint); }
.lane-name { font-weight: 700; font-size: 14px; }
.lane-name .faint { font-size: 12px; }
.lane { stroke-width: 1; }
.lane.hue-0 { fill: var(--hue-0); stroke: var(--edge-0); }
.lane.hue-1 { fill: var(--hue-1); stroke: var(--edge-1); }
.lane.hue-2 { fill: var(--hue-2); stroke: var(--edge-2); }
.lane.hue-3 { fill: var(--hue-3); stroke: var(--edge-3); }
.lane.hue-4 { fill: var(--hue-4); stroke: var(--edge-4); }
.lane.hue-5 { fill: var(--hue-5); stroke: var(--edge-5); }
.lane.hue-none { fill: var(--hue-none); stroke: var(--edge-none); stroke-dasharray: 5 4; }
.box rect { fill: var(--ground); stroke: var(--edge-none); stroke-width: 1.5; }
.box.hue-0 rect { stroke: var(--edge-0); }
.box.hue-1 rect { stroke: var(--edge-1); }
.box.hue-2 rect { stroke: var(--edge-2); }
.box.hue-3 rect { stroke: var(--edge-3); }
.box.hue-4 rect { stroke: var(--edge-4); }
.box.hue-5 rect { stroke: var(--edge-5); }
.box.stopped rect { stroke-dasharray: 4 3; }
.box.stopped text { fill: var(--faint); }
.stub { stroke: var(--edge-none); stroke-width: 1; fill: none; }
.bus path, .bracket path { fill: none; stroke: var(--faint); stroke-width: 2.5; }
.bus circle, .bracket circle { fill: var(--faint); }
.bus text { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; }
.bracket path { stroke-width: 1.8; }
.bracket .code { font-size: 9.5px; paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
svg a.s-critical path, svg a.s-high path { stroke: var(--bad); }
svg a.s-critical circle, svg a.s-high circle { fill: var(--bad); }
svg a.s-critical text, svg a.s-high text { fill: var(--bad); font-weight: 700; }
svg a.s-medium path { stroke: #d9730d; }
svg a.s-medium circle { fill: #d9730d; }
svg a.s-low path { stroke: #b8930f; }
svg a.s-low circle { fill: #b8930f; }
svg a.box rect { stroke-width: 3; }
svg a.box.s-critical rect, svg a.box.s-high rect { stroke: var(--bad); }
svg a.box.s-medium rect { stroke: #d9730d; }
svg a.box.s-low rect { stroke: #b8930f; }
svg a.box text { text-decoration: underline; }
svg a:focus-visible rect { stroke-width: 5; }
svg a.bus path { stroke-width: 4; }
svg a:hover path, svg a:focus-visible path { stroke-width: 6; }
svg g.bus:hover path { stroke-width: 5; }

@media (max-width: 40rem) {
  body { padding: .75rem; }
  #matrix-table tbody th { white-space: normal; min-width: 7.5rem; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: .5rem; }
  .finding .body { padding: 0 .75rem .6rem; }
}
@media print {
  :root { --ground: #fff; --card: #fff; --ink: #000; --faint: #444; --rule: #bbb; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .js, .skip, nav { display: none !important; }
  .scroll, .map { overflow: visible; max-height: none; }
  .finding { break-inside: avoid; }
  svg { max-width: 100%; height: auto; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace firebreak
