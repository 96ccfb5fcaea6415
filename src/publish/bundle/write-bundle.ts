import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemReason, writeError } from '../../io/system-reason.ts';
import { tarPadding } from '../../io/tar/format.ts';
import { tarHeader } from '../../io/tar/write.ts';
import { temporaryBeside, temporaryFolder } from '../../io/temporary.ts';
import { discardUnfinished, forgetUnfinished } from '../../io/unfinished.ts';
import { ScapfeedError } from '../../model/error.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { Progress } from '../../model/progress.ts';
import { encodingOf, feedRole, targetPath } from '../../published/names.ts';
import { isWanted, type WantedParts } from '../feed/part.ts';
import type { RegistryAccess } from '../oci/repository.ts';
import { choosePlatforms, publishedAssessments, publishedPlatforms } from '../pull/choose-platforms.ts';
import { fetchTarget } from '../pull/fetch-target.ts';
import { openOrigin } from '../pull/open-origin.ts';
import type { Origin } from '../pull/origin.ts';
import { recordTrust } from '../pull/record-trust.ts';
import { hasFeedRole, trustTargets } from '../site/trust-files.ts';
import { parseDocument, type TargetInfo } from '../tuf/metadata.ts';

export interface BundleOptions extends RegistryAccess, WantedParts {
  /** A published feed, from any address that `pull` takes. */
  from: string;
  file: string;
  /** Platform ids, or prefixes with a `*`. Default: all. */
  platforms?: readonly string[];
  /** Parts that all platforms share and that are left out. */
  without?: readonly string[];
  progress: Progress;
}

/** A bundle that was written. */
export interface BundleOutcome {
  file: string;
  platforms: string[];
  size: number;
  /** When the first signature expires, ISO 8601. From then on a pull needs --max-age. */
  expires: string;
}

/**
 * Writes one tar with everything that a pull needs: every root, the current metadata and the whole targets of the chosen
 * platforms, each in its smallest form. Only files that the signed metadata names are included, after a check of their
 * digests. Equal feeds give equal bundles.
 */
export async function writeBundle(options: BundleOptions): Promise<BundleOutcome> {
  const folder = temporaryFolder('bundle');
  try {
    const origin = await openOrigin(options.from, options, folder);
    try {
      return await packFrom(origin, join(folder, 'trust'), options);
    } finally {
      await origin.close();
    }
  } finally {
    discardUnfinished(folder);
  }
}

async function packFrom(origin: Origin, folder: string, options: BundleOptions): Promise<BundleOutcome> {
  options.progress(`checking ${options.from}`);
  const { trusted, documents } = await recordTrust(origin, folder);
  const published = publishedPlatforms(trusted.roles, origin.roles);
  const platforms = choosePlatforms(options.platforms ?? ['*'], published, options.from);
  const targets = new Map<string, [name: string, info: TargetInfo][]>();
  const shared = publishedAssessments(trusted.roles, origin.roles, options.without);
  for (const part of [...platforms, ...shared])
    targets.set(part, wholeTargets(await trusted.targets(part), options));
  const known = new Set(documents.keys());
  const isThere = hasFeedRole(trusted.roles, origin);
  const trust = isThere ? trustTargets(await trusted.targets(feedRole)) : [];
  const size = await writeWhole(options.file, async (put) => {
    for (const [path, bytes] of documents) {
      // Files about the whole feed are packed only for their keys and roots.
      if (trust.length > 0 || known.has(path)) put(path, bytes);
    }
    let done = 0;
    for (const files of targets.values()) {
      options.progress('packing', { done, total: targets.size, unit: 'parts' });
      done += 1;
      for (const [name, info] of files)
        put(targetPath(name, info.hashes.sha256), await fetchTarget(origin, name, info));
    }
    for (const [name, info] of trust)
      put(targetPath(name, info.hashes.sha256), await fetchTarget(origin, name, info));
  });
  return { file: resolve(options.file), platforms, size, expires: firstExpiry(documents) };
}

/** Expiry of the current documents only: a root with a successor may have expired. */
function firstExpiry(documents: ReadonlyMap<string, Buffer>): string {
  const roots = [...documents.keys()].filter((path) => path.endsWith('.root.json'));
  const superseded = roots.slice(0, -1);
  const dates = [...documents].flatMap(([path, bytes]) =>
    superseded.includes(path) ? [] : parseDocument(bytes.toString('utf8'), path).signed.expires,
  );
  return dates.sort()[0]!;
}

/** The smallest form of each file; no deltas, because it is unknown what the other side has. */
function wholeTargets(
  targets: Readonly<Record<string, TargetInfo>>,
  wanted: WantedParts,
): [name: string, info: TargetInfo][] {
  const smallest = new Map<string, [name: string, info: TargetInfo]>();
  for (const [name, info] of Object.entries(targets)) {
    const plain = name.slice(0, -(encodingOf(name)?.length ?? 0));
    const path = plain.slice(plain.indexOf('/') + 1, -1);
    if (path.startsWith('delta/') || (path !== 'manifest.json' && !isWanted(path, wanted))) continue;
    const known = smallest.get(plain);
    if (!known || info.length < known[1].length) smallest.set(plain, [name, info]);
  }
  return [...smallest.values()].sort(([a], [b]) => compareCodeUnits(a, b));
}

type Put = (path: string, content: Buffer) => void;

/** Writes a tar under another name and renames it, so that a bundle is complete or absent. Returns its size. */
async function writeWhole(place: string, fill: (put: Put) => Promise<void>): Promise<number> {
  const file = resolve(place);
  const beside = temporaryBeside(file);
  let fd: number | undefined;
  let size = 0;
  const write = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd!, bytes, at);
    size += bytes.length;
  };
  try {
    fd = openSync(beside, 'wx');
    await fill((path, content) => {
      write(tarHeader(path, content.length));
      write(content);
      write(Buffer.alloc(tarPadding(content.length)));
    });
    write(Buffer.alloc(1024));
    fsyncSync(fd);
    renameSync(beside, file);
    forgetUnfinished(beside);
    return size;
  } catch (cause) {
    discardUnfinished(beside);
    if (cause instanceof ScapfeedError) throw cause;
    throw writeError({
      message: `the bundle cannot be written: ${systemReason(cause)}`,
      where: file,
      remedy: 'specify a file in an existing, writable folder with enough free space: --out FILE',
      cause,
    });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
