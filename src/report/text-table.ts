import { columnsOf } from './columns.ts';
import { isPlain, line, printable } from './printable.ts';

/** Gives a padded cell its colour; the head is row -1. */
export type Paint = (cell: string, column: number, row: number) => string;

export interface TableStyle {
  paint?: Paint;
  /** For each row, lines below it. */
  below?: readonly (readonly string[])[];
}

/** Columns of a table without a terminal. */
export const usualWidth = 80;

/** Formats columns of text, each as wide as its widest cell; the last one is not padded. Cells are escaped. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { paint, below = [] }: TableStyle = {},
): string {
  const written = [head, ...rows];
  const whole = written.map((row) => row.join('')).join('');
  const isUsual = isPlain(whole) && !whole.includes('\n');
  const cells = isUsual ? written : written.map((row) => row.map(printable));
  const columns = isUsual ? (text: string) => text.length : columnsOf;
  const widths = head.map(() => 0);
  for (const row of cells) {
    for (let at = 0; at < widths.length; at++) widths[at] = Math.max(widths[at]!, columns(row[at] ?? ''));
  }
  return cells
    .map((row, at) => {
      const last = row.length - 1;
      const padded = row.map((cell, nth) =>
        nth < last ? cell + ' '.repeat(widths[nth]! - columns(cell)) : cell,
      );
      const under = at > 0 ? (below[at - 1] ?? []) : [];
      const text = paint || !isUsual ? tableLine(padded, at - 1, paint) : `${padded.join('  ').trimEnd()}\n`;
      return text + under.map(line).join('');
    })
    .join('');
}

function tableLine(padded: readonly string[], row: number, paint?: Paint): string {
  if (!paint) return line(padded.join('  ').trimEnd());
  return `${padded
    .map((cell, at) => paint(cell, at, row))
    .join('  ')
    .trimEnd()}\n`;
}

/** Breaks a text at spaces into lines of at most `width`, each indented; a longer word stays whole. */
export function wrapped(text: string, indent: number, width: number): string[] {
  const margin = ' '.repeat(indent);
  if (indent + columnsOf(text) <= width) return [margin + text];
  const lines: string[] = [];
  let current = '';
  let taken = indent;
  for (const word of text.split(' ')) {
    const columns = columnsOf(word);
    if (current !== '' && taken + 1 + columns > width) {
      lines.push(margin + current);
      current = word;
      taken = indent + columns;
    } else {
      taken += columns + (current === '' ? 0 : 1);
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, margin + current];
}

/** `1 package`, `2 packages` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}

/** `12,345`, whatever the locale. */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
