import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { distroExports } from '../../distros/exports.ts';
import { compareCodeUnits, type FeedPlatform } from '../../model/index.ts';
import type { CsafLayout } from '../rows/csaf-layout.ts';
import type { ExportSigner } from '../signer.ts';
import type { ExportTarget, TargetWork } from '../target.ts';
import { DocumentFiles, withProofs } from './document-files.ts';
import { csafDocuments, type DocumentWork } from './documents.ts';
import { noAddress, publisherOf } from './publisher.ts';

export const csafTarget: ExportTarget = {
  name: 'csaf',
  title: 'CSAF VEX',
  write: writeCsaf,
  heldInArchives: (path) => /^[a-z-]+\/\d{4}\//.test(path),
};

interface CsafWork extends TargetWork, DocumentWork {
  signer: ExportSigner | undefined;
}

/**
 * A provider as CSAF 2.0 describes it (7.1): `provider-metadata.json`, and for each distribution a folder with a document per
 * vulnerability, `index.txt`, `changes.csv`, and all documents in one archive.
 */
async function writeCsaf(work: TargetWork): Promise<void> {
  const { feed, folder, settings } = work;
  const base = settings.url ?? noAddress;
  const signer = await settings.signer?.(feed.manifest.created);
  const all: CsafWork = {
    ...work,
    address: `${base.replace(/\/+$/, '')}/csaf`,
    publisher: publisherOf(base, settings.publisher),
    signer,
  };
  const written: string[] = [];
  for (const { ids, csaf } of distroExports) {
    const platforms = feed.manifest.platforms.filter(({ os }) => ids.includes(os.id));
    if (platforms.length === 0) continue;
    await writeDistribution(csaf, platforms, all);
    written.push(csaf.name);
  }
  for (const { id, os } of feed.manifest.platforms) {
    if (!distroExports.some(({ ids }) => ids.includes(os.id)))
      work.inexact.without(id, `scapfeed does not write ${os.id} as CSAF`);
  }
  if (signer) {
    mkdirSync(join(folder, 'openpgp'));
    writeFileSync(join(folder, keyPath(signer)), signer.publicKey);
  }
  writeFileSync(join(folder, 'provider-metadata.json'), providerText(written, all));
}

async function writeDistribution(
  layout: CsafLayout,
  platforms: readonly FeedPlatform[],
  work: CsafWork,
): Promise<void> {
  const { folder, progress, signer } = work;
  const own = join(folder, layout.name);
  mkdirSync(own);
  const tell = (done: number) =>
    progress(`writing CSAF documents of ${layout.vendor}`, { done, unit: 'documents' });
  const current = newest(platforms);
  const archive = `csaf_vex_${current.slice(0, 10)}.tar.zst`;
  const paths: string[] = [];
  const pieces = writeDocuments(
    csafDocuments({ layout, platforms, current }, work),
    own,
    signer,
    paths,
    tell,
  );
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 6 } });
  await pipeline(pieces, zstd, createWriteStream(join(own, archive)));
  for (const [name, content] of await withProofs(archive, readFileSync(join(own, archive)), signer))
    if (name !== archive) writeFileSync(join(own, name), content);
  writeFileSync(join(own, 'archive_latest.txt'), `${archive}\n`);
  paths.sort(compareCodeUnits);
  writeFileSync(join(own, 'index.txt'), paths.map((path) => `${path}\n`).join(''));
  writeFileSync(join(own, 'changes.csv'), paths.map((path) => `"${path}","${current}"\n`).join(''));
}

/** Puts the documents in place, and yields the pieces of their archive. */
async function* writeDocuments(
  documents: Iterable<readonly [path: string, text: string]>,
  own: string,
  signer: ExportSigner | undefined,
  paths: string[],
  tell: (done: number) => void,
): AsyncGenerator<Buffer> {
  const files = new DocumentFiles(own, signer);
  for (const [path, text] of documents) {
    tell(paths.push(path));
    await files.add(path, text);
    if (files.full) yield files.take();
  }
  files.end();
  yield files.take();
}

function newest(platforms: readonly FeedPlatform[]): string {
  return platforms
    .map(({ updated }) => updated)
    .sort(compareCodeUnits)
    .at(-1)!;
}

function keyPath({ fingerprint }: ExportSigner): string {
  return `openpgp/${fingerprint}.asc`;
}

/** CSAF 2.0, 7.1.7. */
function providerText(names: readonly string[], { address, publisher, signer, feed }: CsafWork): string {
  const metadata = {
    canonical_url: `${address}/provider-metadata.json`,
    distributions: names.map((name) => ({ directory_url: `${address}/${name}/` })),
    last_updated: feed.manifest.created,
    list_on_CSAF_aggregators: false,
    metadata_version: '2.0',
    mirror_on_CSAF_aggregators: false,
    ...(signer
      ? { public_openpgp_keys: [{ fingerprint: signer.fingerprint, url: `${address}/${keyPath(signer)}` }] }
      : {}),
    publisher,
    role: signer ? 'csaf_trusted_provider' : 'csaf_provider',
  };
  return `${JSON.stringify(metadata, undefined, 1)}\n`;
}
