// Alpine: the build of all branches, with OVAL; its shards, a scan.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildFigures, inFolder, parseOf, scanFigures, shardFigures } from './build-and-scan.mjs';
import { generateAlpine, installedDatabase } from './generate-alpine.mjs';

export function run({ quick }) {
  return inFolder('alpine', async (folder) => {
    const [mirror, feed] = [join(folder, 'mirror'), join(folder, 'feed')];
    // Enough for the 250 packages of the scan.
    const fixes = generateAlpine(mirror, quick ? 0.6 : 1);
    return [
      ...(await buildFigures({
        ...{ folder, mirror, feed, source: 'alpine', quick, what: 'all branches' },
        note: `${fixes} fixes`,
        reference: parseOf(
          join(mirror, 'secdb.alpinelinux.org/v3.20/main.json'),
          'JSON.parse of one of 45 documents',
        ),
        seconds: 60,
      })),
      ...shardFigures(feed, 'alpine-3.23', { raw: 2, brotli: 0.3 }),
      ...(await scanFigures(feed, writeRoot(folder), 250, quick)),
    ];
  });
}

function writeRoot(folder) {
  const root = join(folder, 'root');
  const files = {
    'etc/os-release': 'ID=alpine\nVERSION_ID=3.23.0\n',
    'etc/apk/repositories':
      'https://dl-cdn.alpinelinux.org/alpine/v3.23/main\nhttps://dl-cdn.alpinelinux.org/alpine/v3.23/community\n',
    'lib/apk/db/installed': installedDatabase(250),
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}
