import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { tarPadding } from '../../src/io/tar/format.ts';
import { tarHeader } from '../../src/io/tar/write.ts';
import { openBundle } from '../../src/publish/bundle/open-bundle.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { startRegistry } from '../image/support/servers.ts';
import { hasOracle } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { share } from '../support/trials.ts';
import { runCli } from './support/cli.ts';
import { addOutput } from './support/feed-files.ts';

const run = promisify(execFile);
const sample = resolve(import.meta.dirname, '../../feeds/sample');

/** Ids as real builds give them: the longest of every vendor, and products that lie upon RHEL. */
const longIds = [
  'rhel-layered-jboss-enterprise-application-platform',
  'rhel-layered-openshift-api-data-protection',
  'rhel-layered-migration-toolkit-virtualization',
];

/** Contents of an archive by name, as Python's tarfile reads them: sha256 each. */
async function byPython(file: string): Promise<Record<string, string>> {
  const program = `
import hashlib, json, sys, tarfile
with tarfile.open(sys.argv[1]) as tar:
    print(json.dumps({m.name: hashlib.sha256(tar.extractfile(m).read()).hexdigest() for m in tar}))`;
  const { stdout } = await run('python3', ['-c', program, file], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

/** The same as GNU tar unpacks it. */
async function byGnuTar(file: string): Promise<Record<string, string>> {
  const folder = temporaryFolder();
  await run('tar', ['-C', folder, '-xf', file]);
  return digestsBelow(folder);
}

async function digestsBelow(folder: string): Promise<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  const { stdout } = await run('sha256sum', files, { cwd: folder, maxBuffer: 1 << 26 });
  return Object.fromEntries(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  );
}

describe.skipIf(!hasOracle('tar', 'python3'))('bundles by GNU tar and by Python', () => {
  it('names of every length, with slashes at every place', async () => {
    const names: string[] = [];
    for (let length = 1; length <= 400; length += length > 90 && length < 110 ? 1 : 7) {
      const flat = 'n'.repeat(Math.min(length, 250));
      for (const slash of [0, 1, 99, 100, 101, 154, 155, 156, length - 2]) {
        const name = `${String(slash)}${flat.slice(0, slash)}/${flat.slice(slash)}n`;
        if (slash < length - 1) names.push(`${String(length)}/${name}`);
      }
    }
    const pieces = names.flatMap((name) => {
      const content = Buffer.from(name);
      return [tarHeader(name, content.length), content, Buffer.alloc(tarPadding(content.length))];
    });
    const file = join(temporaryFolder(), 'names.tar');
    writeFileSync(file, Buffer.concat([...pieces, Buffer.alloc(1024)]));
    const bundle = openBundle(file);
    for (const name of names) expect(bundle.read(name, 4096)?.toString('utf8')).toBe(name);
    bundle.close();
    const { stdout } = await run('tar', ['-tf', file]);
    expect(stdout.trimEnd().split('\n')).toEqual(names);
    expect(Object.keys(await byPython(file)).sort()).toEqual([...new Set(names)].sort());
  });

  describe('of a published feed with OVAL, data streams and names of real length', () => {
    const home = temporaryFolder();
    const at = (name: string) => join(home, name);
    const env = { XDG_CONFIG_HOME: at('config'), XDG_DATA_HOME: at('data'), SCAPFEED_FEED: '' };
    const scapfeed = (...args: string[]) => runCli(args, { env, cwd: home });
    let ids: string[];

    beforeAll(async () => {
      const build = [
        'build',
        '--scap',
        '--unsigned-mirror',
        '--mirror',
        sample,
        '--snapshots',
        at('snapshots'),
      ];
      for (const source of ['debian', 'redhat'])
        expect((await scapfeed(...build, '--source', source, '--out', at(source))).code).toBe(0);
      const long = writeSmallFeed(
        longIds.map((id) => ({
          platform: { ...bookworm, id },
          statements: [
            { package: 'p', vulnerability: 'CVE-2026-1', status: 'affected', fixState: 'none_yet' },
          ],
        })),
        at('long'),
      );
      for (const id of longIds) addOutput(long, `oval/${id}.inexact.json`, '{}');
      expect((await scapfeed('keys', 'make')).code).toBe(0);
      const feeds = ['debian', 'redhat', 'long'].flatMap((name) => ['--feed', at(name)]);
      const published = await scapfeed('publish', ...feeds, '--to', at('public'), '-o', 'json');
      expect(published.code, published.err).toBe(0);
      ids = JSON.parse(published.out).changes.platforms.map(({ platform }: { platform: string }) => platform);
    });

    it('a platform alone: the files of the published folder, by both', async () => {
      const folder = await digestsBelow(at('public'));
      expect(ids).toEqual(expect.arrayContaining(['debian-12', 'rhel-9', ...longIds]));
      for (const id of share(ids, 6)) {
        const file = at(`${id}.bundle`);
        const packed = await scapfeed('bundle', '--from', at('public'), '--platform', id, '--out', file);
        expect(packed, id).toMatchObject({ code: 0, err: '' });
        const found = await byGnuTar(file);
        expect(await byPython(file), id).toEqual(found);
        expect(folder).toMatchObject(found);
      }
    });

    it.skipIf(!hasOracle('docker-registry'))(
      'from a registry: the same bytes as from the folder',
      async () => {
        const registry = await startRegistry();
        onTestFinished(() => registry.stop());
        const place = `oci://${registry.host}/feeds/all:nightly`;
        const feed = ['--feed', at('debian'), '--date', '2026-11-24'];
        expect((await scapfeed('publish', ...feed, '--to', place, '--work', at('same'))).code).toBe(0);
        const pack = async (from: string, name: string) => {
          const packed = await scapfeed('bundle', '--from', from, '--platform', 'debian-1*', '--out', name);
          expect(packed.out).toContain('expire 2026-11-27T00:00:00Z; from then on, pull needs --max-age');
          return readFileSync(at(name));
        };
        const fromRegistry = await pack(place, 'oci.bundle');
        expect(fromRegistry.equals(await pack(at('same'), 'same.bundle'))).toBe(true);
        const root = ['--trust-root', at('same/metadata/1.root.json')];
        const pull = ['pull', '--from', at('oci.bundle'), '--out', at('gap/feed'), '--oval', ...root];
        expect((await scapfeed(...pull, '--max-age', '9999d')).code).toBe(0);
        await checkFeed(at('gap/feed'));
      },
    );
  });
});
