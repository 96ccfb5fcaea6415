// Oracle Linux: the build of its releases from OVAL; its shards, a scan.
import { join } from 'node:path';
import { indexBuildFigures, inFolder, scanFigures, shardFigures, writeRpmRoot } from './build-and-scan.mjs';
import { binariesOf, generateOracle } from './generate-oracle.mjs';

export function run({ quick }) {
  return inFolder('oracle', async (folder) => {
    const [mirror, feed] = [join(folder, 'mirror'), join(folder, 'feed')];
    const { definitions, bytes } = generateOracle(mirror, quick ? 0.1 : 1);
    const root = writeRpmRoot(folder, 'ID="ol"\nVERSION_ID="8.10"\n', installed());
    return [
      ...(await indexBuildFigures({
        ...{ folder, mirror, feed, source: 'oracle', quick, what: 'Oracle Linux 6 to 10' },
        note: `${definitions} definitions, ${(bytes / 1e6).toFixed(0)} MB`,
        seconds: 20,
        megabytes: 700,
      })),
      ...shardFigures(feed, 'ol-8', { raw: 15, brotli: 1.5 }),
      ...(root ? await scanFigures(feed, root, 450, quick) : []),
    ];
  });
}

/** Plain builds outside modules; one in ten is not up to date. */
function installed() {
  const sources = Array.from({ length: 120 }, (_, at) => at + 1).filter(
    (at) => at % 10 !== 0 && at % 40 !== 3,
  );
  const names = sources.flatMap((source) => binariesOf(source).map((name) => [name, source]));
  return names.slice(0, 450).map(([name, source], at) => ({
    name,
    version: at % 10 === 0 ? '0.9' : '99.1',
    release: '1.el8_1',
    arch: 'x86_64',
    vendor: 'Oracle America',
    keyid: '82562ea9ad986da3',
    sourcerpm: `source${source}-99.1-1.el8_1.src.rpm`,
  }));
}
