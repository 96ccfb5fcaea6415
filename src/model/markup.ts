/**
 * Commands of CI runners in the lines of a log, up to the character that is written otherwise: GitHub: `::` at the start of a line,
 * `##[` anywhere; Azure: `##vso[`; TeamCity: `##teamcity[`.
 */
export const logCommand = /^[^\S\r\n\u2028\u2029]*:(?=:)|#(?=#(?:vso|teamcity)?\[)/gim;

// Most text is printable ASCII without markup and passes as it is: one character class decides that quickly.
const unusual = /[^ !#-%'-;=?-~]/;

// Characters that need escaping: markup, white space that attributes would lose, and all that XML 1.0 (2.2 Char) does not allow:
// control characters, the two non-characters, halves of surrogate pairs.
const special =
  /[&<>"\u0000-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const markup: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const inXml: Readonly<Record<string, string>> = { ...markup, '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' };
const inLines: Readonly<Record<string, string>> = { ...inXml, '\t': '\t', '\n': '\n' };

/**
 * The one way of text into XML, in content and in attributes alike. A character that XML cannot hold is written out
 * as `U+0007`, so that a description keeps its sense; `>` is always escaped, so `]]>` cannot stand in content (2.4).
 */
export function escapeXml(text: string): string {
  return escaped(text, inXml);
}

/** The same for content that people read: its lines stay lines. Attributes would lose them. */
export function escapeXmlLines(text: string): string {
  return escaped(text, inLines);
}

function escaped(text: string, entities: Readonly<Record<string, string>>): string {
  if (!unusual.test(text)) return text;
  return text.replace(special, (character) => entities[character] ?? codePoint(character));
}

function codePoint(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** HTML has none of them, and a page may be printed to a terminal; the last ones turn the text behind them around, ours too. */
const controls = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** Characters of a document of XML that control a terminal or turn the text behind them around, written out for people. */
export function escapeXmlControls(document: string): string {
  return document.replace(controls, codePoint);
}

/**
 * Text in an HTML page, in an element or a quoted attribute. A page may be printed to the log of a CI run: a carriage return, which
 * a browser takes for the end of a line, and commands of CI runners are written by their numbers.
 */
export function escapeHtml(text: string): string {
  if (!unusual.test(text) && !text.includes('::') && !text.includes('##')) return text;
  return text
    .replace(/[&<>"]/g, (character) => markup[character] ?? character)
    .replace(/\r\n?/g, '&#10;')
    .replace(controls, codePoint)
    .replace(logCommand, (found) => `${found.slice(0, -1)}&#${found.charCodeAt(found.length - 1)};`);
}
