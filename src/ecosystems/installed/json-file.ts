import { JsonBoundError, parseForeignJson } from '../../io/foreign-json.ts';
import type { EcosystemId, PackageFile, PackageFileReader } from '../../model/index.ts';
import { wholeFile } from './form.ts';
import { packageFile } from './stated.ts';

/** Values of one file; lists of a thousand packages have a tenth of it. */
const mostValues = 500_000;

const byteOrderMark = '\uFEFF';

/** A reader of a file that is one JSON text. */
export function jsonFile(
  limits: { ecosystem: EcosystemId; size: number; mostBytes: number },
  read: (document: unknown) => PackageFile | undefined,
): PackageFileReader {
  return wholeFile(limits, (bytes) => {
    const text = bytes.toString('utf8');
    let document: unknown;
    try {
      document = parseForeignJson(text.startsWith(byteOrderMark) ? text.slice(1) : text, {
        maxValues: mostValues,
      });
    } catch (error) {
      const detail = error instanceof JsonBoundError ? error.message : 'not JSON';
      return packageFile([{ ecosystem: limits.ecosystem, kind: 'damaged', detail }]);
    }
    return read(document);
  });
}
