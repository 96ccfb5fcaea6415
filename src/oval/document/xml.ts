import { ScapfeedError } from '../../model/error.ts';
import { escapeXml } from '../../model/markup.ts';

/**
 * For names and ids, where an escaped character would change the meaning: only printable ASCII.
 * @throws {ScapfeedError} SOURCE_MALFORMED with the record's place
 */
export function requireToken(text: string, where: string): string {
  if (isToken(text)) return text;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected a name of printable ASCII characters, found ${JSON.stringify(text.slice(0, 80))}`,
    where,
    remedy: 'report the record to its vendor, and build without it',
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
