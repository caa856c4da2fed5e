// How the HTML export looks: light and dark, on a phone, on paper. No picture, no font and no script is loaded.

export const STYLE = `
:root { color-scheme: light dark; --ink: #1a1d21; --paper: #fff; --quiet: #5b6168; --line: #d9dde2; --dead: #1b6e3c; --live: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #16181b; --quiet: #a5acb4; --line: #3a3f45; --dead: #6fce95; --live: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; }
dt, .quiet, caption { color: var(--quiet); }
dd { margin: 0; }
ul { padding-left: 1.2rem; }
.steps { list-style: none; padding: 0; }
code { font: .9em ui-monospace, monospace; }
.word { font-weight: 700; color: var(--live); }
.word.dead { color: var(--dead); }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
caption { text-align: left; padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
td:first-child { font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) { thead { display: none; } tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); } td { display: inline; border: 0; padding: 0 .5rem 0 0; } td:last-child { display: block; } }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } h2 { break-after: avoid; } tr, li { break-inside: avoid; } }
`;
