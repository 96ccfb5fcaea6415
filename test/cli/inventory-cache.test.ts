import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layoutFiles, makeImage, mediaTypes, writeFiles } from '../image/support/make-image.ts';
import { file, type TarInput } from '../image/support/make-tar.ts';
import { debianRelease, project, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

const feed = writeSmallFeed([
  {
    platform: bookworm,
    data: { roster: new Map([['bash', { version: '1', binaries: [] }]]) },
    statements: [
      {
        vulnerability: 'CVE-2022-3715',
        package: 'bash',
        severity: 'high',
        status: 'affected',
        fixState: 'none_yet',
      },
    ],
  },
]);

/** A layout of 20 layers and those above them; the blobs of layers can be taken away. */
function layoutOf(
  content: string,
  layers = 20,
  bytes = 1000,
  above: TarInput[][] = [],
): { layout: string; blobs: string[] } {
  const filler = (at: number) => file(`srv/${at}`, `${content} ${at} ${'x'.repeat(bytes)}`);
  const image = makeImage({
    layers: [
      [
        file('etc/os-release', debianRelease('12', 'bookworm')),
        file('var/lib/dpkg/status', stanza('bash', '5.2.15-2')),
      ],
      ...Array.from({ length: layers - 1 }, (_, at) => [filler(at)]),
      ...above,
    ],
  });
  const row = {
    mediaType: mediaTypes.manifest,
    digest: image.manifest.digest,
    size: image.manifest.bytes.length,
  };
  const layout = writeFiles(
    temporaryFolder(),
    layoutFiles([image.manifest, image.config, ...image.layers], [row]),
  );
  const blobs = image.layers.map(({ digest }) => join(layout, 'blobs/sha256', digest.replace('sha256:', '')));
  return { layout, blobs };
}

function newCache() {
  const folder = temporaryFolder();
  const kept = join(folder, 'scapfeed/inventories');
  const scan = (layout: string, ...args: string[]) =>
    scapfeed(['scan', `oci:${layout}`, '--feed', feed, '--max-age', '0', '-o', 'json', ...args], {
      XDG_CACHE_HOME: folder,
    });
  return { folder, kept, scan };
}

describe('the cache of inventories', () => {
  it('a second scan reads manifests only, and says the same, byte for byte', () => {
    const { kept, scan } = newCache();
    const { layout, blobs } = layoutOf('same');
    const first = scan(layout);
    expect(first.code).toBe(0);
    expect(readdirSync(kept)).toHaveLength(1);
    for (const blob of blobs) writeFileSync(blob, Buffer.alloc(statSync(blob).size));

    expect(scan(layout)).toEqual(first);
    expect(scan(layout, '--no-cache').code).toBe(2);
    const { out } = scapfeed(
      ['explain', `oci:${layout}`, 'CVE-2022-3715', 'bash', '--feed', feed, '--max-age', '0'],
      {
        XDG_CACHE_HOME: join(kept, '../..'),
      },
    );
    expect(out).toContain('CVE-2022-3715');
  });

  it('a new tag on a known base is read by its own layers, and says what it says without a cache', () => {
    const { scan } = newCache();
    expect(scan(layoutOf('base').layout).code).toBe(0);
    const { layout, blobs } = layoutOf('base', 20, 1000, [[file('opt/app', 'app')]]);
    const expected = scan(layout, '--no-cache');
    for (const blob of blobs.slice(0, -1)) writeFileSync(blob, Buffer.alloc(statSync(blob).size));

    expect(scan(layout)).toEqual(expected);
  });

  it('another image is another entry', () => {
    const { kept, scan } = newCache();
    scan(layoutOf('one').layout);
    scan(layoutOf('two').layout);

    expect(readdirSync(kept)).toHaveLength(2);
  });

  it.each<[string, (path: string, folder: string) => void]>([
    [
      'a byte that changed',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('5.2.15-2', '5.2.15-9')),
    ],
    ['a file that is cut off', (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 500))],
    ['an empty file', (path) => writeFileSync(path, '')],
    [
      'a link',
      (path, folder) => {
        writeFileSync(join(folder, 'other'), readFileSync(path));
        rmSync(path);
        symlinkSync(join(folder, 'other'), path);
      },
    ],
    ['a file that others may write', (path) => chmodSync(path, 0o666)],
    ['a folder that others may write', (path) => chmodSync(join(path, '..'), 0o777)],
  ])('%s is not used: the image is read again', (what, damage) => {
    const { kept, folder, scan } = newCache();
    const { layout, blobs } = layoutOf('damaged');
    const first = scan(layout);
    damage(join(kept, readdirSync(kept)[0]!), folder);

    expect(scan(layout)).toEqual(first);
    rmSync(join(folder, 'scapfeed/layers'), { recursive: true });
    // Damaged files were mended, except a folder of which nothing is used.
    writeFileSync(blobs[0]!, Buffer.alloc(statSync(blobs[0]!).size));
    expect(scan(layout).code).toBe(what.startsWith('a folder') ? 2 : 0);
  });

  it('several scans at once leave one whole entry', async () => {
    const { folder, kept, scan } = newCache();
    const { layout } = layoutOf('at once');
    const args = ['dist/cli.cjs', 'scan', `oci:${layout}`, '--feed', feed, '--max-age', '0'];
    const runs = Array.from({ length: 4 }, () => {
      const env = { PATH: process.env['PATH'], HOME: noHome(), XDG_CACHE_HOME: folder };
      const child = spawn(process.execPath, args, { cwd: project, env, stdio: 'ignore' });
      return new Promise((resolve) => child.on('close', resolve));
    });

    expect(await Promise.all(runs)).toEqual([0, 0, 0, 0]);
    expect(readdirSync(kept)).toHaveLength(1);
    expect(scan(layout).code).toBe(0);
  });

  it('a cache that cannot be written is no error', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'scapfeed'), { recursive: true });
    writeFileSync(join(folder, 'scapfeed/inventories'), 'a file in its place');
    const { layout } = layoutOf('unwritable');
    const ran = scapfeed(['scan', `oci:${layout}`, '--feed', feed, '--max-age', '0'], {
      XDG_CACHE_HOME: folder,
    });

    expect(ran).toMatchObject({ code: 0, err: '' });
  });
});
