// A feed of six vendors at the size that their data have: what a client pulls that takes all platforms, without OVAL.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { buildFeed, inFolder } from './build-and-scan.mjs';
import { generateAlma } from './generate-alma.mjs';
import { generateAlpine } from './generate-alpine.mjs';
import { generateDebian } from './generate-debian.mjs';
import { generateRedHat } from './generate-redhat.mjs';
import { generateSuse } from './generate-suse.mjs';
import { generateUbuntu } from './generate-ubuntu.mjs';
import { figure } from './support.mjs';

export function run({ quick }) {
  return inFolder('six-vendors', async (folder) => {
    const [mirror, feed] = [join(folder, 'mirror'), join(folder, 'feed')];
    generateDebian(mirror, quick ? { sources: 400, cves: 4000, roster: 3000 } : {});
    await generateUbuntu(mirror, quick ? 2000 : 55_000);
    await generateRedHat(mirror, quick ? { documents: 300, bytes: 2e7 } : {});
    await generateAlma(mirror, quick ? 0.1 : 1);
    await generateSuse(mirror, quick ? 500 : 10_000);
    generateAlpine(mirror, quick ? 0.1 : 1);
    const sources = 'almalinux,alpine,debian,redhat,suse,ubuntu';
    const args = ['--source', sources, '--mirror', mirror, '--unsigned-mirror', '--no-oval', '--out', feed];
    const built = await buildFeed([...args, '--snapshots', join(folder, 'snapshots')]);
    const sizes = readdirSync(join(feed, 'index')).map((name) => {
      const path = join(feed, 'index', name);
      return { name, raw: statSync(path).size, packed: packedSize(path, quick) };
    });
    const sum = (of) => sizes.reduce((total, size) => total + of(size), 0) / 1e6;
    const platforms = sizes.filter(
      ({ name }) =>
        name.endsWith('.jsonl') && sizes.some((one) => one.name === name.replace('.jsonl', '.offsets.json')),
    ).length;
    const largest = sizes.sort((a, b) => b.packed - a.packed).slice(0, 3);
    return [
      figure({
        name: 'feed of six vendors, brotli',
        value: sum(({ packed }) => packed),
        unit: 'MB',
        target: quick ? undefined : 30,
        kind: 'absolute',
        note: `${platforms} files of lines, ${sum(({ raw }) => raw).toFixed(0)} MB raw; the largest: ${largest.map(({ name, packed }) => `${name} ${(packed / 1e6).toFixed(1)}`).join(', ')}`,
      }),
      figure({ name: 'build of it, without OVAL', value: built.wall, unit: 's', kind: 'absolute' }),
      figure({
        name: 'peak memory of that build',
        value: built.rss,
        unit: 'MB',
        target: quick ? undefined : 2500,
        kind: 'absolute',
      }),
    ];
  });
}

/** As a feed is published; a quick run, which has no target for it, does not wait for that. */
function packedSize(path, quick) {
  const quality = quick ? 5 : constants.BROTLI_MAX_QUALITY;
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality };
  return brotliCompressSync(readFileSync(path), { params }).length;
}
