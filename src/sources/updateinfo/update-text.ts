import { XmlProblem } from '../../comply/xml/scan-parts.ts';
import { XmlScanner } from '../../comply/xml/scan-xml.ts';
import { readAll } from '../../io/bytes.ts';
import { decompress } from '../../io/decompress.ts';
import { maxPlainBytes } from './read.ts';

/** The first update with this id as the vendor wrote it, from updateinfo in any compression; undefined: there is none. */
export async function updateText(
  body: AsyncIterable<Uint8Array>,
  where: string,
  id: string,
): Promise<Buffer | undefined> {
  const options = { maxBytes: maxPlainBytes, where, code: 'SOURCE_TOO_LARGE' as const };
  const bytes = await readAll(decompress(body, options), options);
  let depth = 0;
  let from = 0;
  let inId = false;
  let told = '';
  let found: Buffer | undefined;
  const scanner: XmlScanner = new XmlScanner({
    wantsAttributes: () => false,
    wantsText: () => inId,
    open(_, name) {
      depth += 1;
      if (depth === 2) {
        from = scanner.position;
        told = '';
      }
      inId = depth === 3 && name === 'id';
    },
    text(text) {
      told += text;
    },
    close() {
      if (depth === 2 && told.trim() === id) found ??= bytes.subarray(from, scanner.position);
      inId = false;
      depth -= 1;
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
