import { XmlProblem } from '../../comply/xml/scan-parts.ts';
import { XmlScanner } from '../../comply/xml/scan-xml.ts';
import { readAll } from '../../io/bytes.ts';
import { decompress } from '../../io/decompress.ts';

/** Unpacked; the whole document is looked at in memory. */
const maxBytes = 2 ** 29;

/**
 * The definition of an advisory as the vendor wrote it, from OVAL in any compression: the first that refers to it; undefined: none
 * does.
 */
export async function definitionText(
  body: AsyncIterable<Uint8Array>,
  where: string,
  advisory: string,
): Promise<Buffer | undefined> {
  const options = { maxBytes, where, code: 'SOURCE_TOO_LARGE' as const };
  const bytes = await readAll(decompress(body, options), options);
  let depth = 0;
  let from = 0;
  let isWanted = false;
  let found: Buffer | undefined;
  const scanner: XmlScanner = new XmlScanner({
    wantsAttributes: () => depth === 4 && found === undefined,
    wantsText: () => false,
    open(_, name, attributes) {
      depth += 1;
      if (depth === 3) from = scanner.position;
      if (depth === 5 && name === 'reference' && attributes?.get('ref_id')?.trim() === advisory)
        isWanted = true;
    },
    text: () => undefined,
    close() {
      if (depth === 3 && isWanted) found ??= bytes.subarray(from, scanner.position);
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
