import { xmlElement } from '../xml-element.ts';
import { maxPlainBytes } from './read.ts';

/** The first update with this id as the vendor wrote it, from updateinfo in any compression; undefined: there is none. */
export function updateText(
  body: AsyncIterable<Uint8Array>,
  where: string,
  id: string,
): Promise<Buffer | undefined> {
  const search = { where, maxBytes: maxPlainBytes, depth: 2, idDepth: 3, idName: 'id' };
  return xmlElement(body, id, search);
}
