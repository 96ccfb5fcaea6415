/** C0 with newlines and tabs, C1, what breaks lines elsewhere, and what changes the direction of text. */
const steering = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** What runners of CI obey: GitHub a line that begins with `::`, and `##[` anywhere; Azure `##vso[`; TeamCity `##teamcity[`. */
const command = /^\s*:(?=:)|#(?=#(?:vso|teamcity)?\[)/gi;

/**
 * Text of strangers (names, versions, notes, messages) as part of one line: what could steer a terminal, or end the line,
 * is shown as its code.
 */
export function printable(text: string): string {
  return text.replace(steering, codeOf);
}

/** A line of output. Every text that a person reads is made of these, so that nobody else's text can begin one. */
export function line(text: string): string {
  return `${withoutCommand(printable(text))}\n`;
}

/** A line whose cells are parted by tabs, for `cut` and `awk`. */
export function tabbed(cells: readonly string[]): string {
  return `${withoutCommand(cells.map(printable).join('\t'))}\n`;
}

/** Of a line whose parts are printable: no log takes it for a command. */
export function withoutCommand(text: string): string {
  return text.replace(command, (found) => found.slice(0, -1) + codeOf(found.at(-1)!));
}

function codeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
