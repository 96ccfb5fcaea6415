// Amazon Linux: the build of its releases from the lists of all channels; its shards, a scan.
import { join } from 'node:path';
import { indexBuildFigures, inFolder, scanFigures, shardFigures, writeRpmRoot } from './build-and-scan.mjs';
import { binariesOf, generateAmazon } from './generate-amazon.mjs';

export function run({ quick }) {
  return inFolder('amazon', async (folder) => {
    const [mirror, feed] = [join(folder, 'mirror'), join(folder, 'feed')];
    const { updates, bytes } = generateAmazon(mirror, quick ? 0.1 : 1);
    const root = writeRpmRoot(folder, 'ID="amzn"\nVERSION_ID="2023"\n', installed());
    return [
      ...(await indexBuildFigures({
        ...{ folder, mirror, feed, source: 'amazon', quick, what: 'Amazon Linux, all channels' },
        note: `${updates} updates, ${(bytes / 1e6).toFixed(0)} MB`,
        seconds: 10,
        megabytes: 700,
      })),
      ...shardFigures(feed, 'amzn-2', { raw: 15, brotli: 1.5 }),
      ...(root ? await scanFigures(feed, root, 450, quick) : []),
    ];
  });
}

/** Binaries of core; one in ten is not up to date. */
function installed() {
  const names = Array.from({ length: 90 }, (_, source) =>
    binariesOf(source + 1).map((name) => [name, source + 1]),
  ).flat();
  return names.slice(0, 450).map(([name, source], at) => ({
    name,
    version: at % 10 === 0 ? '0.9' : '99.1',
    release: '1.amzn2023.0.1',
    arch: 'x86_64',
    vendor: 'Amazon Linux',
    keyid: 'd832c631515c4b86',
    sourcerpm: `source${source}-99.1-1.amzn2023.0.1.src.rpm`,
  }));
}
