import { ScapfeedError } from '../model/index.ts';

// Most text is printable ASCII without markup and passes as it is: one character class decides that quickly.
const unusual = /[^ !#-%'-;=?-~]/;

// What needs care: markup, white space that attributes would lose, and all that XML 1.0 (2.2 Char) does not allow:
// control characters, the two non-characters, halves of surrogate pairs.
const special =
  /[&<>"\u0000-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/**
 * The one way of text into XML, in content and in attributes alike. A character that XML cannot hold is written out
 * as `U+0007`, so that a description keeps its sense; `>` is always escaped, so `]]>` cannot stand in content (2.4).
 */
export function escapeXml(text: string): string {
  return unusual.test(text) ? text.replace(special, escapeCharacter) : text;
}

function escapeCharacter(character: string): string {
  return entities[character] ?? `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * For names and ids, where a written-out character would change the meaning: only printable ASCII.
 * @throws {ScapfeedError} SOURCE_MALFORMED with the record's place
 */
export function requireToken(text: string, where: string): string {
  if (isToken(text)) return text;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected a name of printable ASCII characters, found ${JSON.stringify(text.slice(0, 80))}`,
    where,
    remedy: 'Report the record to its vendor, and build without it.',
  });
}

function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code > 0x7e) return false;
  }
  return text !== '';
}

export function attribute(name: string, value: string): string {
  return ` ${name}="${escapeXml(value)}"`;
}
