import { ScapfeedError } from '../model/index.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

const codesBelow = 0x80;

/** Of the characters below 128, those that are not written as they are: markup and control characters. */
const special = Uint8Array.from({ length: codesBelow }, (_, code) =>
  code < 0x20 || String.fromCharCode(code) in entities ? 1 : 0,
);

/**
 * The one way of text into XML, in content and in attributes alike. A character that XML cannot hold (1.0, 2.2 Char:
 * control characters, the two non-characters, halves of surrogate pairs) is written out as `U+0007`, so that a
 * description keeps its sense; `>` is always escaped, so `]]>` cannot stand in content (2.4); neither can white space
 * that attributes would lose (3.3.3).
 */
export function escapeXml(text: string): string {
  let escaped = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < codesBelow ? special[code] === 0 : code < 0xd800) continue;
    if (code >= codesBelow && isAllowed(text, at)) {
      // A surrogate pair is one character.
      if (code < 0xe000) at += 1;
      continue;
    }
    escaped += text.slice(from, at) + escapeCharacter(text[at]!);
    from = at + 1;
  }
  return from === 0 ? text : escaped + text.slice(from);
}

/** Of units from U+D800 on: all but the two non-characters and halves of surrogate pairs. */
function isAllowed(text: string, at: number): boolean {
  const character = text.codePointAt(at)!;
  return character > 0xffff || (character > 0xdfff && character < 0xfffe);
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
