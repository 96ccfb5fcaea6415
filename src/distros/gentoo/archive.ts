import { decompress } from '../../io/decompress.ts';
import { tarFiles } from '../../io/tar/files.ts';
import { ScapfeedError } from '../../model/error.ts';
import { type Glsa, type GlsaFault, readGlsa } from './glsa.ts';

/** An advisory's file, as it is in the archive. */
export interface GlsaFile {
  /** Its path in the archive. */
  path: string;
  /** `glsa-202305-28.xml` */
  name: string;
  content: Buffer;
}

export type ReadFile = GlsaFile & { read: Glsa | GlsaFault };

/** Unpacked; all advisories since 2003 have some 20 MB. */
const maxPlainBytes = 2 ** 28;

/** The largest has some 40 kB. */
const maxFileBytes = 1 << 20;

/** In twenty years there were some 4,000. */
const maxFiles = 100_000;

/** Files of advisories in an archive, whatever folder they are in. @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE */
export async function* glsaFiles(body: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<GlsaFile> {
  const plain = decompress(body, { maxBytes: maxPlainBytes, where });
  const wanted = (path: string) => /(?:^|\/)glsa-[^/]+\.xml$/.test(path);
  let count = 0;
  for await (const { name: path, content } of tarFiles(plain, { wanted, maxFileBytes, where })) {
    count += 1;
    if (count > maxFiles)
      throw new ScapfeedError({
        code: 'SOURCE_TOO_LARGE',
        message: `expected at most ${maxFiles} advisories, found more`,
        where,
      });
    yield { path, name: path.slice(path.lastIndexOf('/') + 1), content };
  }
}

/** The same, read. */
export async function* readGlsas(body: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<ReadFile> {
  for await (const file of glsaFiles(body, where))
    yield { ...file, read: await readGlsa(file.content, file.name) };
}
