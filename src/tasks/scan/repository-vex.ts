import { ScapfeedError } from '../../model/error.ts';
import { type Manifest, vexRepositories } from '../../model/feed/index.ts';
import { parsePackageUrl } from '../../model/inventory/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { ScanResult } from '../../model/verdict/index.ts';
import { packageUrl } from '../../report/purl.ts';
import type { Feed } from '../../runtime/index.ts';
import { readVexDocument, type VexDocument } from '../../vex/index.ts';
import { packageKey } from '../../vex/repositories/package-key.ts';
import type { VexRow } from '../../vex/repositories/read.ts';

/**
 * The documents of VEX repositories of a feed about the flawed packages of an image, and about the image.
 * @throws {ScapfeedError} FEED_LACKS_SOURCE for a repository that the feed does not carry
 */
export function repositoryVex(
  feed: Pick<Feed, 'manifest' | 'row'>,
  names: readonly string[],
  { verdicts, image, inventory }: ScanResult,
): VexDocument[] {
  requireCarried(feed.manifest, names);
  const keys = new Set(imageKeys(image.reference));
  for (const { package: pkg } of verdicts) {
    if (pkg.program) keys.add(packageKey({ type: 'golang', name: pkg.program.name, qualifiers: [] }));
    for (const name of new Set([pkg.name, pkg.source.name])) {
      const purl = parsePackageUrl(packageUrl({ ...pkg, name }, inventory.os));
      if (purl) keys.add(packageKey(purl));
    }
  }
  const found = new Map<string, VexDocument>();
  for (const key of [...keys].sort(compareCodeUnits)) {
    for (const { repository, location, document } of feed.row<VexRow>('vex', key)?.documents ?? []) {
      const where = `feed:${repository}/${location}`;
      if (!names.includes(repository) || found.has(where)) continue;
      const read = readVexDocument(Buffer.from(JSON.stringify(document)), where);
      found.set(where, { ...read, issuer: { kind: 'repository', name: repository } });
    }
  }
  return [...found.values()];
}

/** `pkg:oci/NAME` by the last part of the repository; none of a file without a name. */
function imageKeys(reference: string): string[] {
  const bare = reference.replace(/@sha256:[0-9a-f]+$/, '').replace(/:[^/:]*$/, '');
  const name = /([^/:]+)$/.exec(bare)?.[1];
  return name === undefined ? [] : [packageKey({ type: 'oci', name, qualifiers: [] })];
}

function requireCarried(manifest: Manifest, names: readonly string[]): void {
  const carried = vexRepositories(manifest);
  const missing = names.find((name) => !carried.includes(name));
  if (missing === undefined) return;
  throw new ScapfeedError({
    code: 'FEED_LACKS_SOURCE',
    message: `the feed carries no VEX repository ${missing}; it carries ${carried.join(', ') || 'none'}`,
    remedy: 'build the feed with --vex-repositories, or pull it with its part vex',
  });
}
