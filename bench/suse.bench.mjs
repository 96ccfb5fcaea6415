// SUSE: the build of its releases from an archive of CSAF-VEX documents, with OVAL; its shards, a scan.
import { join } from 'node:path';
import { buildFigures, inFolder, scanFigures, shardFigures, writeRpmRoot } from './build-and-scan.mjs';
import { binariesOf, generateSuse } from './generate-suse.mjs';

export function run({ quick }) {
  return inFolder('suse', async (folder) => {
    const [mirror, feed] = [join(folder, 'mirror'), join(folder, 'feed')];
    const { documents, bytes, statements } = await generateSuse(mirror, quick ? 500 : 10_000);
    const root = writeRpmRoot(folder, 'ID="sles"\nVERSION_ID="15.5"\n', installed());
    const archive = join(mirror, 'ftp.suse.com/pub/projects/security/csaf-vex.tar.bz2');
    return [
      ...(await buildFigures({
        ...{ folder, mirror, feed, source: 'suse', quick, what: 'SUSE and openSUSE' },
        note: `${documents} documents, ${(bytes / 1e6).toFixed(0)} MB, ${statements} statements`,
        reference: { name: 'sha256sum of the archive', command: 'sha256sum', args: [archive] },
        seconds: quick ? 20 : 120,
        // As Red Hat's build.
        megabytes: 1500,
      })),
      ...shardFigures(feed, 'sles-15.5', { raw: 10, brotli: 1 }),
      ...(root ? await scanFigures(feed, root, 450, quick) : []),
    ];
  });
}

/** The binaries of the first sources; one in ten is not up to date. */
function installed() {
  const names = Array.from({ length: 90 }, (_, source) =>
    binariesOf(source + 1).map((name) => [name, source + 1]),
  ).flat();
  return names.slice(0, 450).map(([name, source], at) => {
    const build = `${at % 10 === 0 ? `${1 + (source % 5)}.1` : '99.1'}-150500.1.1`;
    const [version, release] = build.split('-');
    return {
      name,
      version,
      release,
      arch: 'x86_64',
      vendor: 'SUSE LLC <https://www.suse.com/>',
      keyid: '70af9e8139db7c82',
      sourcerpm: `source${source}-${build}.src.rpm`,
    };
  });
}
