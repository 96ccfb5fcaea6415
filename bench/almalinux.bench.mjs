// AlmaLinux at full size: the build of three releases from errata of some 200 MB, with OVAL; its shards, a scan.
import { join } from 'node:path';
import {
  buildFigures,
  inFolder,
  parseOf,
  scanFigures,
  shardFigures,
  writeRpmRoot,
} from './build-and-scan.mjs';
import { generateAlma } from './generate-alma.mjs';

export function run({ quick }) {
  return inFolder('almalinux', async (folder) => {
    const [mirror, feed] = [join(folder, 'mirror'), join(folder, 'feed')];
    const bytes = await generateAlma(mirror, quick ? 0.1 : 1);
    const root = writeRpmRoot(folder, 'ID="almalinux"\nVERSION_ID="8.10"\n', installed());
    return [
      ...(await buildFigures({
        ...{ folder, mirror, feed, source: 'almalinux', what: 'three releases' },
        note: `${(bytes / 1e6).toFixed(0)} MB of errata`,
        reference: parseOf(
          join(mirror, 'errata.almalinux.org/8/errata.full.json'),
          'JSON.parse of the errata of 8',
        ),
        seconds: quick ? 6 : 30,
      })),
      ...shardFigures(feed, 'almalinux-8', { raw: 15, brotli: 1.5 }),
      ...(root ? await scanFigures(feed, root, 450, quick) : []),
    ];
  });
}

function installed() {
  return Array.from({ length: 450 }, (_, at) => ({
    name: `source${at % 90}-part${at % 5}`,
    // One in ten is not up to date.
    version: at % 10 === 0 ? '2.1' : '9.1',
    release: `${at % 20}.el8_3`,
    arch: 'x86_64',
    vendor: 'AlmaLinux',
    keyid: '51d6647ec21ad6ea',
    sourcerpm: `source${at % 90}-9.1-${at % 20}.el8_3.src.rpm`,
  }));
}
