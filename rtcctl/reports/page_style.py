"""The look of the HTML report: light and dark as the reader's system is, narrow and wide, and on paper."""

CSS = """
:root { color-scheme: light dark; --ink: #1d2329; --soft: #57606a; --line: #d5dae0; --back: #ffffff; --box: #f5f7f9;
  --good: #17692f; --bad: #b3261e; --changed: #875200; --mark: #fff4dc; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ec; --soft: #9aa5b1; --line: #38414b; --back: #14181d;
  --box: #1c2229; --good: #6fd08c; --bad: #ff8f86; --changed: #f0b860; --mark: #2c2617; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem 1.25rem 3rem; background: var(--back); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.45rem; line-height: 1.3; margin: .2rem 0 1rem; }
h2 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; font-weight: 600; }
header p { margin: 0; color: var(--soft); }
code, pre, td, th { font: .875rem/1.5 ui-monospace, monospace; }
ul { margin: .25rem 0; padding-left: 1.25rem; }
li { margin: .2rem 0; }
.note { color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .changed { color: var(--changed); }
.panel { border: 1px solid var(--line); border-left: 4px solid var(--changed); border-radius: 6px;
  background: var(--mark);  padding: .4rem 1rem .6rem; margin: 1rem 0; }
.panel.bad { border-left-color: var(--bad); color: inherit; }
.panel h2 { margin: .25rem 0; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .75rem 0; }
summary { cursor: pointer; padding: .55rem 1rem; background: var(--box); border-radius: 6px; }
summary b { font: 600 .95rem/1.5 ui-monospace, monospace; }
article { padding: .75rem 1rem; border-top: 1px solid var(--line); }
article p { margin: .15rem 0; }
.sign { display: inline-block; min-width: 2.2em; font-family: ui-monospace, monospace; font-weight: 700; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; table-layout: fixed; }
th { text-align: left; font-weight: 400; color: var(--soft); border-bottom: 1px solid var(--line); }
th, td { padding: .2rem .75rem .2rem 0; vertical-align: top; }
tbody tr + tr td { border-top: 1px solid var(--line); }
th:nth-child(1) { width: 24%; } th:nth-child(4) { width: 22%; }
.wide th:nth-child(1) { width: 27%; } .wide th:nth-child(2) { width: 16%; } .wide th:nth-child(3) { width: 22%; }
.wide th:nth-child(4) { width: auto; }
small { display: block; font-size: .9rem; color: var(--soft); } td small { font-size: inherit; }
del { text-decoration: none; color: var(--bad); } ins { text-decoration: none; color: var(--good); }
pre { margin: .3rem 0; white-space: pre-wrap; color: var(--soft); }
figure.layout { margin: .5rem 0; display: flex; flex-wrap: wrap; gap: 1rem; }
figure.layout div { flex: 1 1 20rem; max-width: 32rem; }
figure.layout p { margin: 0; color: var(--soft); }
figure.layout svg { display: block; width: 100%; height: auto; overflow: visible; }
@media (max-width: 48rem) {
  body { padding: 1rem .75rem 2rem; }
  article, summary { padding-left: .75rem; padding-right: .75rem; }
  table, tbody, tr, td { display: block; width: auto; }
  thead { display: none; }
  td { padding: .05rem 0; border: 0; }
  tbody tr + tr td { border: 0; }
  tr { padding: .35rem 0; border-bottom: 1px solid var(--line); }
  tr:last-child { border-bottom: 0; }
  td:first-child { font-weight: 600; }
  td:empty { display: none; }
  td[data-name]::before { content: attr(data-name) " "; color: var(--soft); }
}
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --back: #fff; --box: #fff; --good: #0b4f20;
    --bad: #8c1610; --changed: #634000; --mark: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  article, .panel, tr { break-inside: avoid; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
}
"""
