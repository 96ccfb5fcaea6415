import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { distroExports } from '../../distros/exports.ts';
import type { Feed } from '../../feed/read/feed.ts';
import { readWhole } from '../../io/read-whole.ts';
import { documentDate, requireDate } from '../../model/data-date.ts';
import type { FeedPlatform } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { CsafLayout } from '../rows/csaf-layout.ts';
import type { ExportSigner } from '../signer.ts';
import type { ExportTarget, TargetWork } from '../target.ts';
import { DocumentFiles, documentDigests } from './document-files.ts';
import { csafDocuments, type DocumentWork } from './documents.ts';
import { noAddress, publisherOf } from './publisher.ts';

export const csafTarget: ExportTarget = {
  name: 'csaf',
  title: 'CSAF VEX',
  parts: partsOf,
  write: writeNamed,
  finish: writeProvider,
  signs: true,
  heldInArchives: (path) => /^[a-z-]+\/\d{4}$/.test(path),
};

interface CsafWork extends TargetWork, DocumentWork {
  signer: ExportSigner | undefined;
}

interface NamedDistribution {
  layout: CsafLayout;
  platforms: readonly FeedPlatform[];
}

function distributionsOf({ manifest }: Feed): NamedDistribution[] {
  const all = distroExports.map(({ ids, csaf }) => ({
    layout: csaf,
    platforms: manifest.platforms.filter(({ os }) => ids.includes(os.id)),
  }));
  return all.filter(({ platforms }) => platforms.length > 0);
}

/** Those with the most statements first. */
function partsOf(feed: Feed): string[] {
  const size = ({ platforms }: NamedDistribution) =>
    platforms.reduce((sum, { statements }) => sum + statements, 0);
  return distributionsOf(feed)
    .sort((a, b) => size(b) - size(a))
    .map(({ layout }) => layout.name);
}

/**
 * A provider as CSAF 2.0 describes it (7.1): `provider-metadata.json`, and for each distribution a folder with a document per
 * vulnerability, `index.txt`, `changes.csv`, and all documents in one archive.
 */
async function writeNamed(work: TargetWork, name: string): Promise<void> {
  const named = distributionsOf(work.feed).find(({ layout }) => layout.name === name)!;
  await writeDistribution(named, await csafWork(work));
}

async function writeProvider(work: TargetWork): Promise<void> {
  const { feed, folder } = work;
  for (const { id, os } of feed.manifest.platforms) {
    if (!distroExports.some(({ ids }) => ids.includes(os.id)))
      work.inexact.without(id, `scapfeed does not write ${os.id} as CSAF`);
  }
  const all = await csafWork(work);
  const { signer } = all;
  if (signer) {
    mkdirSync(join(folder, 'openpgp'));
    writeFileSync(join(folder, keyPath(signer)), signer.publicKey);
  }
  const names = distributionsOf(feed).map(({ layout }) => layout.name);
  writeFileSync(join(folder, 'provider-metadata.json'), providerText(names, all));
}

async function csafWork(work: TargetWork): Promise<CsafWork> {
  const { feed, settings } = work;
  const base = settings.url ?? noAddress;
  return {
    ...work,
    address: `${base.replace(/\/+$/, '')}/csaf`,
    publisher: publisherOf(base, settings.publisher),
    signer: await settings.signer?.(feed.manifest.created),
  };
}

async function writeDistribution({ layout, platforms }: NamedDistribution, work: CsafWork): Promise<void> {
  const { feed, folder, progress, signer } = work;
  const own = join(folder, layout.name);
  mkdirSync(own);
  const report = (done: number) =>
    progress(`writing CSAF documents of ${layout.vendor}`, { done, unit: 'documents' });
  const current = requireDate(documentDate(newest(platforms), feed.manifest.created), 'CSAF');
  const archive = `csaf_vex_${current.slice(0, 10)}.tar.zst`;
  const paths: string[] = [];
  const pieces = writeDocuments(
    csafDocuments({ layout, platforms, current }, work),
    own,
    signer,
    paths,
    report,
  );
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 6 } });
  await pipeline(pieces, zstd, createWriteStream(join(own, archive)));
  for (const [suffix, sum] of await archiveDigests(join(own, archive)))
    writeFileSync(join(own, `${archive}.${suffix}`), `${sum}  ${archive}\n`);
  if (signer) {
    const signature = await signer.sign(readWhole(join(own, archive)));
    writeFileSync(join(own, `${archive}.asc`), signature);
  }
  writeFileSync(join(own, 'archive_latest.txt'), `${archive}\n`);
  paths.sort(compareCodeUnits);
  writeFileSync(join(own, 'index.txt'), paths.map((path) => `${path}\n`).join(''));
  writeFileSync(join(own, 'changes.csv'), paths.map((path) => `"${path}","${current}"\n`).join(''));
}

/** Read in pieces: it may have hundreds of megabytes. */
async function archiveDigests(path: string): Promise<[suffix: string, sum: string][]> {
  const hashes = documentDigests.map((name) => [name, createHash(name)] as const);
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }))
    for (const [, hash] of hashes) hash.update(piece as Buffer);
  return hashes.map(([name, hash]) => [name, hash.digest('hex')]);
}

/** Puts the documents in place, and yields the pieces of their archive. */
async function* writeDocuments(
  documents: Iterable<readonly [path: string, text: string]>,
  own: string,
  signer: ExportSigner | undefined,
  paths: string[],
  report: (done: number) => void,
): AsyncGenerator<Buffer> {
  const files = new DocumentFiles(own, signer);
  for (const [path, text] of documents) {
    report(paths.push(path));
    await files.add(path, text);
    // A piece is longer than what a stream lets wait: it asks for the next one when it has consumed this one.
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
