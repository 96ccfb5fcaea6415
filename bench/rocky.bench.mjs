// Rocky Linux at full size: the build of three releases from 80 pages of its API, with OVAL; its shards, a scan.
import { join } from 'node:path';
import {
  buildFigures,
  inFolder,
  parseOf,
  scanFigures,
  shardFigures,
  writeRpmRoot,
} from './build-and-scan.mjs';
import { generateRocky } from './generate-rocky.mjs';

export function run({ quick }) {
  return inFolder('rocky', async (folder) => {
    const [mirror, feed] = [join(folder, 'mirror'), join(folder, 'feed')];
    const bytes = generateRocky(mirror, quick ? 0.1 : 1);
    const root = writeRpmRoot(folder, 'ID="rocky"\nVERSION_ID="9.6"\n', installed());
    return [
      ...(await buildFigures({
        ...{ folder, mirror, feed, source: 'rocky', what: 'three releases' },
        note: `${(bytes / 1e6).toFixed(0)} MB of advisories`,
        reference: parseOf(
          join(mirror, 'apollo.build.resf.org/api/v3/advisories/?size=100&page=1'),
          'JSON.parse of one page',
        ),
        seconds: quick ? 6 : 30,
      })),
      ...shardFigures(feed, 'rocky-9', { raw: 15, brotli: 1.5 }),
      ...(root ? await scanFigures(feed, root, 450, quick) : []),
    ];
  });
}

function installed() {
  return Array.from({ length: 450 }, (_, at) => ({
    name: `source${at % 90}-part${at % 5}`,
    // One in ten is not up to date.
    version: at % 10 === 0 ? '2.1' : '99.1',
    release: `${at % 20}.el9_3`,
    arch: 'x86_64',
    vendor: 'Rocky Enterprise Software Foundation',
    keyid: '702d426d350d275d',
    sourcerpm: `source${at % 90}-99.1-${at % 20}.el9_3.src.rpm`,
  }));
}
