// A feed of the systems that people run in containers, at the size that their data have: what each platform takes compressed without
// OVAL, and by a night that changes 0.5 % of its statements. docs/decisions/079-size-of-a-feed.md has the figures.
import { cpSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildFeed, data, inFolder } from './build-and-scan.mjs';
import { generateAlma } from './generate-alma.mjs';
import { generateAlpine } from './generate-alpine.mjs';
import { generateAmazon } from './generate-amazon.mjs';
import { generateDebian } from './generate-debian.mjs';
import { generateOracle } from './generate-oracle.mjs';
import { generateRedHat } from './generate-redhat.mjs';
import { generateRocky } from './generate-rocky.mjs';
import { generateSuse } from './generate-suse.mjs';
import { generateUbuntu } from './generate-ubuntu.mjs';
import { feedAfterUpdates, laterFeed } from './later-feed.mjs';
import { figure } from './support.mjs';

export function run({ quick }) {
  return inFolder('all-systems', async (folder) => {
    const [mirror, feed] = [join(folder, 'mirror'), join(folder, 'feed')];
    const sources = await generateAll(mirror, quick);
    const args = [
      '--source',
      sources.join(),
      '--mirror',
      mirror,
      '--unsigned-mirror',
      '--no-oval',
      '--out',
      feed,
    ];
    await buildFeed([...args, '--snapshots', join(folder, 'snapshots')]);
    const sizes = await sizesOf(feed, folder);
    const sum = sizes.reduce((total, { whole }) => total + whole, 0);
    const largest = [...sizes].sort((a, b) => b.whole - a.whole).slice(0, 3);
    return [
      figure({
        name: `feed of ${sizes.length} platforms, compressed without OVAL`,
        value: sum / 1e6,
        unit: 'MB',
        target: quick ? undefined : 25,
        kind: 'absolute',
        note: `the largest: ${largest.map(({ platform, whole }) => `${platform} ${(whole / 1e6).toFixed(1)}`).join(', ')}`,
      }),
      ...sources.map((source) => nightOf(source, sizes, quick)),
    ];
  });
}

/** The largest delta of a vendor's platforms; that of a night of advisories beside it. */
function nightOf(source, sizes, quick) {
  const own = sizes.filter((size) => size.source === source);
  const most = own.reduce((a, b) => (b.night > a.night ? b : a));
  const updates = Math.max(...own.map((size) => size.updates));
  return figure({
    name: `${source}: largest delta of a platform on a night that changes 0.5 % of its statements`,
    value: most.night / 1000,
    unit: 'kB',
    target: quick ? undefined : 5,
    kind: 'absolute',
    note: `${most.platform} of ${own.length}; on a night of advisories ${(updates / 1000).toFixed(1)}`,
  });
}

/** Made documents of each vendor; returns the sources that have data. */
async function generateAll(mirror, quick) {
  const share = quick ? 0.1 : 1;
  generateDebian(mirror, quick ? { sources: 400, cves: 4000, roster: 3000 } : {});
  await generateUbuntu(mirror, quick ? 2000 : 55_000);
  await generateRedHat(mirror, quick ? { documents: 300, bytes: 2e7 } : {});
  await generateSuse(mirror, quick ? 500 : 10_000);
  await generateAlma(mirror, share);
  await generateRocky(mirror, share);
  generateAlpine(mirror, share);
  generateAmazon(mirror, share);
  generateOracle(mirror, share);
  const made = ['almalinux', 'alpine', 'amazon', 'debian', 'oracle', 'redhat', 'rocky', 'suse', 'ubuntu'];
  const azure = join(data, 'mirror/raw.githubusercontent.com');
  if (!existsSync(azure)) return made;
  cpSync(azure, join(mirror, 'raw.githubusercontent.com'), { recursive: true });
  return [...made, 'azurelinux', 'mariner'];
}

/**
 * By platform, by brotli as published: bytes of what a client pulls the first time; of the delta of a night on which statements here and
 * there changed, and of one on which advisories did (0: the platform names none).
 */
export async function sizesOf(feed, folder) {
  const { compress, makeDelta, splitFeed } = await bundled();
  const parts = (of) => splitFeed(of, { oval: false, content: false });
  const packed = async (content) => (await compress(content, 'br')).length;
  const nights = [laterFeed(feed, folder), feedAfterUpdates(feed, folder)].map((later) => ({
    ...later,
    parts: new Map(parts(later.folder).map((part) => [part.platform, part])),
  }));
  const sizes = [];
  for (const part of parts(feed)) {
    let whole = await packed(Buffer.from(part.manifestText));
    for (const { path } of part.manifest.outputs) {
      // Offset indexes are computed by the client.
      if (!path.endsWith('.offsets.json')) whole += await packed(await part.load(path));
    }
    const [night, updates] = await Promise.all(
      nights.map(async (later) => {
        const after = later.parts.get(part.platform);
        if (after.manifestText === part.manifestText) return 0;
        return packed(Buffer.from(JSON.stringify(makeDelta(part, after))));
      }),
    );
    const source = part.manifest.platforms[0]?.source;
    sizes.push({ platform: part.platform, source, whole, night, updates });
  }
  return sizes;
}

async function bundled() {
  const { build } = await import('esbuild');
  const root = resolve(import.meta.dirname, '..');
  // Below the project, so that its packages are found.
  const outfile = join(root, 'node_modules/.cache/scapfeed-bench/all-systems.mjs');
  const contents = [
    "export { makeDelta } from './src/publish/delta/delta.ts';",
    "export { compress } from './src/publish/feed/encoding.ts';",
    "export { splitFeed } from './src/publish/feed/part.ts';",
  ].join('\n');
  const stdin = { contents, resolveDir: root, loader: 'ts' };
  const target = { platform: 'node', target: 'node22', format: 'esm', packages: 'external' };
  await build({ stdin, outfile, bundle: true, ...target, logLevel: 'error' });
  return import(outfile);
}
