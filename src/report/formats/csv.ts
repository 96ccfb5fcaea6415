import { printable } from '../printable.ts';

/** A line of CSV (RFC 4180). No cell is a formula for a spreadsheet. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Spreadsheets take what begins with one of these for a formula; an apostrophe makes it text. */
const formula = /^[\s]*[=+\-@\uff0b\uff0d\uff1d\uff20]/;

/** Half of a character, which UTF-8 cannot hold. */
const loneSurrogate = /\p{Surrogate}/gu;

function csvCell(text: string): string {
  const shown = printable(text).replace(loneSurrogate, '\ufffd');
  const tame = formula.test(shown) ? `'${shown}` : shown;
  return /[",]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}
