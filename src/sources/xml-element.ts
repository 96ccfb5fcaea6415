import { XmlProblem } from '../comply/xml/scan-parts.ts';
import { XmlScanner } from '../comply/xml/scan-xml.ts';
import { readAll } from '../io/bytes.ts';
import { decompress } from '../io/decompress.ts';

/** One element of a vendor's XML, with the element inside that identifies it. */
export interface ElementSearch {
  where: string;
  /** Limit on the unpacked document, which is held in memory, in bytes. */
  maxBytes: number;
  /** Levels of the element and of the one that identifies it; the document's root is 1. */
  depth: number;
  idDepth: number;
  idName: string;
  /** The attribute with the id; absent: the element's text is the id. */
  idAttribute?: string;
}

/**
 * The first element with this id as the vendor wrote it, in any compression; undefined: there is none. What follows damaged XML is
 * not searched. @throws SOURCE_TOO_LARGE, SOURCE_MALFORMED
 */
export async function xmlElement(
  body: AsyncIterable<Uint8Array>,
  id: string,
  { where, maxBytes, depth, idDepth, idName, idAttribute }: ElementSearch,
): Promise<Buffer | undefined> {
  const options = { maxBytes, where, code: 'SOURCE_TOO_LARGE' as const };
  const bytes = await readAll(decompress(body, options), options);
  let level = 0;
  let from = 0;
  let isId = false;
  let text = '';
  let isWanted = false;
  let found: Buffer | undefined;
  const scanner: XmlScanner = new XmlScanner({
    wantsAttributes: () => idAttribute !== undefined && level === idDepth - 1 && found === undefined,
    wantsText: () => isId,
    open(_, name, attributes) {
      level += 1;
      if (level === depth) {
        from = scanner.position;
        text = '';
        isWanted = false;
      }
      const identifies = level === idDepth && name === idName;
      isId = identifies && idAttribute === undefined;
      if (identifies && idAttribute !== undefined && attributes?.get(idAttribute)?.trim() === id)
        isWanted = true;
    },
    text(piece) {
      text += piece;
    },
    close() {
      if (level === depth && (isWanted || (idAttribute === undefined && text.trim() === id)))
        found ??= bytes.subarray(from, scanner.position);
      isId = false;
      level -= 1;
    },
  });
  try {
    scanner.write(bytes);
    scanner.end();
  } catch (error) {
    if (!(error instanceof XmlProblem)) throw error;
  }
  return found;
}
