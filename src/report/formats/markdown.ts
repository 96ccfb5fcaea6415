import { escapeHtml } from '../../model/markup.ts';
import { printable } from '../printable.ts';

/** A comment on GitHub has at most 65,536 characters; GitLab takes a million. */
export const longestComment = 60_000;

/** A table folded away, with the rows that there is room for. `rest`: what a number of others is called. */
export function foldedTable<Row>(
  { summary, head, rows }: { summary: string; head: readonly string[]; rows: readonly Row[] },
  rowOf: (row: Row) => string,
  room: number,
  rest: (count: number) => string,
): string {
  if (rows.length === 0) return '';
  const open = `<details>\n<summary>${summary}</summary>\n\n${row(head)}${row(head.map(() => '---'))}`;
  const close = '\n</details>\n\n';
  let left = room - open.length - close.length;
  const shown: string[] = [];
  for (const each of rows) {
    const text = rowOf(each);
    left -= text.length;
    if (left < 0) break;
    shown.push(text);
  }
  const cut = rows.length - shown.length;
  const more = cut > 0 ? `\nand ${rest(cut)}, which a comment has no room for: \`-o json\` has all\n` : '';
  return `${open}${shown.join('')}${more}${close}`;
}

export function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

/** Text of others stands in code, in which no mention, reference, link or emoji is made of it. */
export function code(text: string): string {
  return `<code>${literal(text)}</code>`;
}

export function literal(text: string): string {
  return escapeHtml(printable(text)).replace(/[\\`*_{}[\]()#+!|~$@:]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Text inside Markdown: nothing in it is markup. */
export function inMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&$-]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
