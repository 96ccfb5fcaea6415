import { malformed, type XmlElement } from './read-xml.ts';

/** The words of xs:boolean. */
export const booleans: readonly string[] = ['true', 'false', '1', '0'];

/**
 * Checks a word by the words that an attribute may have; undefined: any.
 * @throws CONTENT_MALFORMED for another one: whatever it was read as, a result could be the wrong one
 */
export function requireWord(
  words: readonly string[] | undefined,
  text: string | undefined,
  place: string,
  where: string,
): void {
  if (words === undefined || text === undefined || words.includes(text)) return;
  throw malformed(where, `${place} is one of ${words.join(', ')}, found "${text.slice(0, 40)}"`);
}

/** Checks all attributes of an element. */
export function requireWords(
  element: XmlElement,
  wordsOf: (attribute: string) => readonly string[] | undefined,
  where: string,
): void {
  const { name, attrs } = element;
  const id = attrs['id'] ?? attrs['idref'];
  for (const attribute of Object.keys(attrs)) {
    const words = wordsOf(attribute);
    if (words)
      requireWord(
        words,
        attrs[attribute],
        `${attribute} of <${name}${id === undefined ? '' : ` ${id}`}>`,
        where,
      );
  }
}
