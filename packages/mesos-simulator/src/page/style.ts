/** The page has no assets of its own: this stands in its head. */
export const style = `
:root { color-scheme: light dark; --line: #d9dee5; --soft: #667085; --back: #ffffff; --text: #1d2433; --head: #f4f6f9;
  --good: #12805c; --bad: #b42318; --wait: #b54708; --link: #1f5fbf; }
@media (prefers-color-scheme: dark) {
  :root { --line: #303846; --soft: #98a2b3; --back: #12161d; --text: #e6eaf0; --head: #1b212b; --good: #4cc38a;
    --bad: #ff7a70; --wait: #f5b04c; --link: #7db0ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1400px; padding: 20px 24px 60px; background: var(--back); color: var(--text);
  font: 14px/1.5 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 6px 24px; align-items: baseline; border-bottom: 1px solid var(--line);
  padding-bottom: 12px; }
h1 { font-size: 20px; margin: 0; }
h2 { font-size: 15px; margin: 28px 0 8px; }
h2 span, header span, .soft { color: var(--soft); font-weight: normal; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; white-space: nowrap; }
th, td { text-align: left; padding: 5px 14px 5px 8px; border-bottom: 1px solid var(--line); vertical-align: top; }
th { background: var(--head); font-weight: 600; font-size: 12px; color: var(--soft); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 12px ui-monospace, monospace; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
.good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); }
.empty { color: var(--soft); padding: 6px 8px; }
`;
