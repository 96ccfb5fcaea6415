import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readDocuments } from '../../src/comply/eval/read-document.ts';
import type { OvalDocument } from '../../src/comply/oval/model.ts';
import { readAll } from '../../src/io/bytes.ts';
import { decompress } from '../../src/io/decompress.ts';

/** A document of OVAL definitions as a vendor publishes it. */
export interface VendorDocument {
  /** File name, with as many folders as it takes to tell it from others. */
  name: string;
  text: Buffer;
  document: OvalDocument;
}

const limit = { maxBytes: 1 << 29, where: 'document' };

/** Every OVAL definitions document below a folder, decompressed; equal ones once. */
export async function documentsIn(folder: string): Promise<VendorDocument[]> {
  const found = new Map<string, VendorDocument>();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.xml(?:\.(?:bz2|gz|xz|zst))?$/.test(file),
  );
  for (const file of files.sort()) {
    const text = await plainBytes(join(folder, file));
    if (!text?.subarray(0, 4096).includes('<oval_definitions')) continue;
    const document = parsed(text, file);
    if (!document) continue;
    const key = text.toString('latin1');
    if (!found.has(key)) found.set(key, { name: basename(file), text, document });
  }
  return [...found.values()];
}

/** Undefined: a file that is broken on purpose. */
async function plainBytes(path: string): Promise<Buffer | undefined> {
  const bytes = readFileSync(path);
  try {
    if (path.endsWith('.gz')) return gunzipSync(bytes);
    return await readAll(
      decompress(
        (async function* () {
          yield bytes;
        })(),
        limit,
      ),
      { ...limit, code: 'SOURCE_TOO_LARGE' },
    );
  } catch {
    return undefined;
  }
}

/** Undefined: it is no whole document. */
function parsed(text: Buffer, where: string): OvalDocument | undefined {
  try {
    return readDocuments(text, where)[0]?.document;
  } catch {
    return undefined;
  }
}
