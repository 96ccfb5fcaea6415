import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/feed/index.ts';
import type { ScanResult } from '../../src/model/verdict/index.ts';
import type { ScanCounts } from '../../src/report/scan/counts.ts';
import { allSources } from '../../src/tasks/build/options.ts';
import { dataPath, hasData, unpackData } from '../support/data.ts';
import { tableOf } from '../support/doc-table.ts';
import { hasOracle } from '../support/oracles.ts';
import { share } from '../support/trials.ts';
import { everyMirror, everySource, rating } from './support/every-mirror.ts';
import { type Machine, newMachine } from './support/machine.ts';
import { isShare } from './support/share.ts';

const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };

/** Minutes, on a machine with more to do. */
const timeout = 3_600_000;

const canRun =
  hasData('real', 'mirror-real.tar.zst') && hasData('vendors2') && hasOracle('python3', 'tar', 'xz', 'zstd');

/** CI leaves out the vendors of real-data.test.ts. */
const sources = everySource(isShare);

it('the documents that it reads are those of docs/comparison.md, and only EU KEV has none', () => {
  const rows = tableOf('docs/comparison.md', 'source').map(({ source = '' }) => source);
  expect(rows).toEqual(everySource(false));
  const others = allSources().flatMap(({ id }) => (rows.includes(id) ? [] : [id]));
  expect(others).toEqual(['eukev']);
});

/** Every vendor in one feed, from its documents at hand to the verdicts on real lists of packages. */
describe.skipIf(!canRun)('every vendor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-vendors-'));
  let mirror: string;
  let publisher: Machine;
  let user: Machine;

  beforeAll(() => {
    mirror = everyMirror(isShare);
    publisher = newMachine();
    user = newMachine();
  }, timeout);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const manifest = () =>
    JSON.parse(readFileSync(join(publisher.home, 'feed/manifest.json'), 'utf8')) as Manifest;

  it('is built in one run, and each record is used or is a finding', { timeout }, () => {
    publisher.does(
      `scapfeed build --source ${sources.join()} --mirror ${mirror} --unsigned-mirror --no-oval --snapshots snapshots --out feed --strict${isShare ? ' --no-ratings' : ''}`,
    );
    const read = new Map(manifest().sources.map((source) => [source.id, source]));
    expect([...read.keys()].sort()).toEqual(sources);
    for (const { id, records, used, dropped, findings } of read.values()) {
      const told = findings.filter((finding) => finding.dropped).reduce((sum, { count }) => sum + count, 0);
      expect([id, used + dropped, told, used > 0]).toEqual([id, records, dropped, true]);
    }
    const script = join(import.meta.dirname, 'support/count-records.py');
    const counts = JSON.parse(execFileSync('python3', [script, mirror], { encoding: 'utf8' })) as object;
    for (const [id, records] of Object.entries(counts))
      if (sources.includes(id)) expect([id, read.get(id)?.records]).toEqual([id, records]);
  });

  it('has a platform of each, with what it used in its statements', () => {
    const { platforms, sources: read } = manifest();
    for (const { id, statements, status } of platforms) {
      const told = Object.values(status).reduce((sum, count) => sum + count, 0);
      expect([id, told, statements > 0]).toEqual([id, statements, true]);
    }
    const of = new Set(platforms.map(({ source }) => source));
    expect(read.flatMap(({ id }) => (of.has(id) ? [] : [id]))).toEqual(isShare ? [] : rating);
  });

  it('is published and pulled, and judges each package of real images there as at home', { timeout }, () => {
    publisher.does('scapfeed keys make', passphrase);
    const terms = manifest().sources.flatMap(({ id, terms: stated }) => (stated ? [id] : []));
    // The data is of single days, and of some vendors a cut, of which more cannot be read than of the whole.
    const dated = "--accept frozen --accept findings --reason 'data of single days'";
    publisher.does(
      `scapfeed publish --feed feed --to public --blocks --accept-terms ${terms.join()} ${dated}`,
      passphrase,
    );
    user.does(
      `scapfeed pull --from ${publisher.home}/public --trust-root ${publisher.home}/public/metadata/1.root.json`,
    );
    const judged = new Set<string>();
    const images = realImages(folder);
    for (const image of share(images, isShare ? 24 : Infinity)) {
      const scan = `scapfeed scan '${image}' --max-age 0 --allow-uncovered --all -o json`;
      const [there, here] = [user.run(scan), publisher.run(`${scan} --feed feed`)];
      expect([image, there.code, there.err]).toEqual([image, here.code, here.err]);
      if (there.out === '') {
        expect([image, there.code, there.err]).toEqual([
          image,
          4,
          expect.stringContaining('PLATFORM_NOT_COVERED'),
        ]);
        continue;
      }
      const [result, home] = [there, here].map(
        ({ out }) => JSON.parse(out) as ScanResult & { counts: ScanCounts },
      );
      expect(result!.verdicts).toEqual(home!.verdicts);
      const { installed, judged: told, uncovered } = result!.counts.packages;
      expect([image, told + uncovered]).toEqual([image, installed]);
      judged.add(result!.platform.id);
    }
    expect(judged.size).toBeGreaterThanOrEqual(isShare ? 4 : 30);
  });
});

/** SBOMs of popular images, roots and lists of packages of official ones, and Wolfi's base. */
function realImages(folder: string): string[] {
  const lists = ['package-lists', 'sboms', 'others', 'wolfi'].map((name) => join(folder, name));
  const [official = '', popular = '', others = '', wolfi = ''] = lists;
  unpackData('real/package-lists.tar.zst', official);
  unpackData('real/sboms.tar.zst', popular);
  unpackData('vendors2/inventory/sboms-amazon-photon-oracle-fedora-centos.tar.xz', others);
  const inventory = (path: string) => dataPath('vendors2/inventory', path);
  mkdirSync(join(wolfi, 'etc'), { recursive: true });
  cpSync(
    inventory('anchore+grype/grype/distro/testdata/os/wolfi/etc/os-release'),
    join(wolfi, 'etc/os-release'),
  );
  cpSync(
    inventory('chainguard-dev+apko/pkg/apk/apk/testdata/installed/wolfi-base'),
    join(wolfi, 'lib/apk/db/installed'),
  );
  const roots = readdirSync(join(official, 'package-lists'), { withFileTypes: true });
  const documents = [official, popular, others].flatMap((list) =>
    readdirSync(list, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .map((name) => `sbom:${join(list, name)}`),
  );
  return [
    `dir:${wolfi}`,
    ...roots.flatMap((root) => (root.isDirectory() ? [`dir:${join(root.parentPath, root.name)}`] : [])),
    ...documents,
  ];
}
