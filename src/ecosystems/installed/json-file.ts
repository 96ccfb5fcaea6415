import { type JsonBound, JsonBoundError, JsonNameError, parseForeignJson } from '../../io/foreign-json.ts';
import type { EcosystemId, PackageFile, PackageFileReader } from '../../model/inventory/index.ts';
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
    const found = documentOf(bytes);
    return 'fault' in found
      ? packageFile([{ ecosystem: limits.ecosystem, kind: 'damaged', detail: found.fault }])
      : read(found.document);
  });
}

/** The document of a whole file, or why it has none. */
export function documentOf(
  bytes: Buffer,
  bound: Pick<JsonBound, 'uniqueNames'> = {},
): { document: unknown } | { fault: string } {
  const text = bytes.toString('utf8');
  try {
    const document = parseForeignJson(text.startsWith(byteOrderMark) ? text.slice(1) : text, {
      maxValues: mostValues,
      ...bound,
    });
    return { document };
  } catch (error) {
    if (error instanceof JsonNameError) return { fault: 'a name twice in an object' };
    return { fault: error instanceof JsonBoundError ? error.message : 'not JSON' };
  }
}
