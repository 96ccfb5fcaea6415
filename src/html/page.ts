import { createHash } from 'node:crypto';
import { escapeHtml } from '../model/markup.ts';

/** Colours of pages, light and dark, and light on paper: text on its background has a contrast of at least 4.5. */
export const palette = `:root{color-scheme:light dark;--bg:#fff;--page:#f6f7f9;--fg:#1c2024;--soft:#f0f2f5;--line:#d4dae1;--dim:#545c66;--link:#0550ae;
--critical:#8a1c7c;--high:#b3261e;--medium:#7a4b00;--low:#0550ae;--none:#545c66;--good:#116329;--warn-soft:#fdf3df;--bad-soft:#fdeceb}
@media screen and (prefers-color-scheme:dark){:root{--bg:#1a1e23;--page:#121519;--fg:#e6e9ec;--soft:#252b32;--line:#3b434c;--dim:#a7b1bc;--link:#79b8ff;
--critical:#f0a6e6;--high:#ff8f86;--medium:#f0c36d;--low:#79b8ff;--none:#a7b1bc;--good:#7ee787;--warn-soft:#362b15;--bad-soft:#3a1f1f}}
`;

/** A self-contained page: only its own style and script are allowed; nothing is loaded, sent or framed. */
export interface HtmlPage {
  title: string;
  style: string;
  /** Absent: the page has none. */
  script?: string;
  /** The id of the main list, and its name in the link that skips to it. */
  skip?: readonly [id: string, name: string];
}

/** The page up to its header. */
export function pageStart({ title, style, script, skip }: HtmlPage): string {
  const scripts = script === undefined ? '' : ` script-src '${digest(script)}';`;
  const policy = `default-src 'none'; style-src '${digest(style)}';${scripts} base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${skip ? `<a class="skip" href="#${skip[0]}">Skip to the ${skip[1]}</a>\n` : ''}`;
}

/** The page after its footer. */
export function pageEnd({ script }: Pick<HtmlPage, 'script'>): string {
  return `${script ? `<script>${script}</script>\n` : ''}</body>\n</html>\n`;
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

type HtmlCell = readonly [column: string, html: string, kind?: string];

export function row(cells: readonly HtmlCell[]): string {
  const html = cells.map(
    ([column, text, kind]) =>
      `<td data-column="${column}"${kind === undefined ? '' : ` class="${kind}"`}>${text}</td>`,
  );
  return `<tr>${html.join('')}</tr>`;
}

export function table(head: readonly string[], rows: readonly string[]): string {
  return `<table><thead><tr>${head.map((name) => `<th scope="col">${name}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}
