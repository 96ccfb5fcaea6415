import { logCommand } from '../model/markup.ts';

/** C0 with newlines and tabs, C1, other line separators, and characters that change the direction of text. */
const steering = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Escapes text from outside (names, versions, notes, messages) for use in one line: characters that control a terminal or
 * end the line are shown as their codes.
 */
export function printable(text: string): string {
  return text.replace(steering, codeOf);
}

/** Text that may need escaping in a line: not every character beyond ASCII does, and the signs only at certain positions. */
const unusual = /[^\n\x20-\x7e]|::|##/;

/** Whether lines of text are as they would be escaped; most are, and one look is quicker than one for each of them. */
export function isPlain(lines: string): boolean {
  return !unusual.test(lines);
}

/** A line of output. All text output is made of these, so that text from outside cannot start a line. */
export function line(text: string): string {
  const isUsual = isPlain(text) && !text.includes('\n');
  return `${isUsual ? text : withoutCommand(printable(text))}\n`;
}

/** A line with cells separated by tabs, for `cut` and `awk`. */
export function tabbed(cells: readonly string[]): string {
  return `${withoutCommand(cells.map(printable).join('\t'))}\n`;
}

/** Escapes CI commands in a line whose parts are printable. */
export function withoutCommand(text: string): string {
  return text.replace(logCommand, (found) => found.slice(0, -1) + codeOf(found.at(-1)!));
}

/** The code of a character as JSON writes it. */
export function codeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
