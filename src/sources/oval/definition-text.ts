import { xmlElement } from '../xml-element.ts';

/** Unpacked; the whole document is looked at in memory. */
const maxBytes = 2 ** 29;

/**
 * The definition of an advisory as the vendor wrote it, from OVAL in any compression: the first that refers to it; undefined: none
 * does.
 */
export function definitionText(
  body: AsyncIterable<Uint8Array>,
  where: string,
  advisory: string,
): Promise<Buffer | undefined> {
  const reference = { idDepth: 5, idName: 'reference', idAttribute: 'ref_id' };
  return xmlElement(body, advisory, { where, maxBytes, depth: 3, ...reference });
}
