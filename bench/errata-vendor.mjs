// A rebuild of RHEL at full size: the build of its releases from errata, with OVAL; the shard of one; a scan.
import { join } from 'node:path';
import {
  buildFigures,
  inFolder,
  parseOf,
  scanFigures,
  shardFigures,
  writeRpmRoot,
} from './build-and-scan.mjs';

/**
 * `generate(mirror, share)` writes the vendor's documents and returns their bytes; `reference`: one of them, below the mirror,
 * whose parsing the build is compared with.
 */
export function errataVendorBench({
  source,
  versionId,
  platform,
  major,
  generate,
  documents,
  reference,
  maker,
}) {
  return ({ quick }) =>
    inFolder(source, async (folder) => {
      const [mirror, feed] = [join(folder, 'mirror'), join(folder, 'feed')];
      const bytes = await generate(mirror, quick ? 0.1 : 1);
      const release = `ID="${source}"\nVERSION_ID="${versionId}"\n`;
      const root = writeRpmRoot(folder, release, installed(major, maker));
      return [
        ...(await buildFigures({
          ...{ folder, mirror, feed, source, quick, what: 'three releases' },
          note: `${(bytes / 1e6).toFixed(0)} MB of ${documents}`,
          reference: parseOf(join(mirror, reference.path), reference.what),
          seconds: quick ? 6 : 30,
        })),
        ...shardFigures(feed, platform, { raw: 15, brotli: 1.5 }),
        ...(root ? await scanFigures(feed, root, 450, quick) : []),
      ];
    });
}

/** Packages of that maker, of which one in ten is not up to date. */
function installed(major, maker) {
  return Array.from({ length: 450 }, (_, at) => ({
    name: `source${at % 90}-part${at % 5}`,
    version: at % 10 === 0 ? '2.1' : '99.1',
    release: `${at % 20}.el${major}_3`,
    arch: 'x86_64',
    ...maker,
    sourcerpm: `source${at % 90}-99.1-${at % 20}.el${major}_3.src.rpm`,
  }));
}
