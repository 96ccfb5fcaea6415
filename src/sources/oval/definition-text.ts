import { xmlElement } from '../xml-element.ts';

/** Unpacked; the whole document is looked at in memory. */
const maxBytes = 2 ** 29;

/** The key of a definition: its own id, or an advisory that it refers to. */
const searches = {
  definition: { idDepth: 3, idName: 'definition', idAttribute: 'id' },
  advisory: { idDepth: 5, idName: 'reference', idAttribute: 'ref_id' },
};

/** The first such definition as the vendor wrote it, from OVAL in any compression; undefined: there is none. */
export function definitionText(
  body: AsyncIterable<Uint8Array>,
  where: string,
  by: keyof typeof searches,
  id: string,
): Promise<Buffer | undefined> {
  return xmlElement(body, id, { where, maxBytes, depth: 3, ...searches[by] });
}
