import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** What `html` gives: values in it are escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const STYLE = `
:root { color-scheme: light dark; --ground: #f4f5f7; --card: #fff; --text: #1b1f24; --soft: #5b6470;
  --line: #dfe3e8; --accent: #d7263d; --on-accent: #fff; --good: #157347; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ground: #111418; --card: #1b2026; --text: #eef1f4;
  --soft: #a3adb8; --line: #333b44; --accent: #ff5468; --on-accent: #22060a; --good: #5fd39a; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); line-height: 1.5;
  font-family: system-ui, -apple-system, 'Hiragino Sans', 'Noto Sans JP', sans-serif; }
main { max-width: 26rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
main.wide { max-width: 70rem; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; margin-bottom: 1rem; }
header strong { letter-spacing: .02em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 1rem; padding: 1.5rem; margin-bottom: 1rem; }
h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
h2 { font-size: 1.05rem; margin: 0 0 .75rem; }
a { color: inherit; }
.soft { color: var(--soft); font-size: .875rem; }
.amount { font-size: 2.5rem; font-weight: 700; font-variant-numeric: tabular-nums; margin: .25rem 0 1rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1rem; margin: 0 0 1.5rem; }
dt { color: var(--soft); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
form.moves { display: grid; gap: .65rem; }
button, .button { display: block; width: 100%; min-height: 3rem; padding: .6rem 1rem; border-radius: .75rem;
  border: 1px solid var(--line); background: transparent; color: inherit; font: inherit; text-align: center;
  text-decoration: none; cursor: pointer; }
button.first { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 700; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.good { color: var(--good); } .bad { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .45rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
form.faults { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); align-items: start; }
form.faults fieldset { border: 1px solid var(--line); border-radius: .75rem; display: grid; gap: .5rem; }
form.faults label { display: flex; justify-content: space-between; gap: .75rem; align-items: center; }
input:not([type=checkbox]), select { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line);
  border-radius: .4rem; padding: .3rem .5rem; width: 9rem; }
`;

/** A whole page. `lang` is that of its text, `wide` for tables. */
export function page(
  { lang, title, wide = false }: { lang: string; title: string; wide?: boolean },
  content: Html,
): Html {
  return html`<!doctype html>
    <html lang="${lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <main class="${wide ? 'wide' : ''}">${content}</main>
      </body>
    </html>`;
}
