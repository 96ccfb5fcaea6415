import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { compareApk, parseApkVersion } from '../../../src/packaging/apk/version.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { share } from '../../support/trials.ts';
import { apkVersion } from './arbitrary.ts';

const roots = {
  '3.13': 'v3.13-alpine-minirootfs-3.13.12-x86_64.tar.gz',
  '3.20': 'v3.20-alpine-minirootfs-3.20.3-x86_64.tar.gz',
};
const here = hasData('real', 'rootfs') && hasData('real', 'mirror-real.tar.zst') && hasOracle('zstd');

/** The versions of each package in Alpine's own security database, all branches together. */
const packages = new Map<string, Set<string>>();

/** A second `-`, as in `57-1-r2`: apk and we refuse such versions. */
const notVersion = /-(?!r\d+$)/;

beforeAll(() => {
  if (!here) return;
  const folder = temporaryFolder();
  const archive = dataPath('real', 'mirror-real.tar.zst');
  execFileSync('tar', ['--zstd', '-xf', archive, '-C', folder, '--wildcards', '*secdb.alpinelinux.org*']);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const document = JSON.parse(readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    for (const { pkg } of document.packages as { pkg: { name: string; secfixes: object } }[]) {
      const versions = packages.get(pkg.name) ?? new Set();
      for (const version of Object.keys(pkg.secfixes)) versions.add(version);
      packages.set(pkg.name, versions);
    }
  }
});

describe.skipIf(!here).each(Object.entries(roots))("Alpine %s's own apk", (_, archive) => {
  let root: string;
  beforeAll(() => {
    root = temporaryFolder();
    execFileSync('tar', ['xzf', dataPath('real', 'rootfs', archive), '-C', root]);
  });

  /** Runs a line of shell with apk as `$@`; its own loader runs it without the rights that chroot needs. */
  function apk(script: string, input: string): string[] {
    const paths = `${root}/lib:${root}/usr/lib`;
    const command = [`${root}/lib/ld-musl-x86_64.so.1`, '--library-path', paths, `${root}/sbin/apk`];
    const out = execFileSync('sh', ['-c', script, 'sh', ...command], { input, encoding: 'utf8' });
    return out.split('\n').slice(0, -1);
  }

  function refused(versions: readonly string[]): string[] {
    return apk('xargs "$@" version -c || true', versions.join('\n')).sort();
  }

  function orders(pairs: readonly (readonly [string, string])[]): string[] {
    const lines = pairs.map((pair) => `${pair.join(' ')}\n`).join('');
    return apk('while read -r a b; do "$@" version -t "$a" "$b"; done', lines);
  }

  /** A share of the pairs: apk takes one pair a process. */
  function expectOrders(all: readonly (readonly [string, string])[]): void {
    const pairs = share(all, 100);
    const ours = pairs.map(([a, b]) => '<=>'[compareApk(a, b)! + 1]);
    const theirs = orders(pairs);
    const wrong = pairs.flatMap(([a, b], at) =>
      ours[at] === theirs[at] ? [] : [`${a} ${theirs[at]} ${b}, not ${ours[at]}`],
    );
    expect(theirs).toHaveLength(pairs.length);
    expect(wrong).toEqual([]);
  }

  test('takes what we take of the security database, and refuses what we refuse', () => {
    const versions = [...new Set([...packages.values()].flatMap((each) => [...each]))].sort();
    const ours = versions.filter((version) => parseApkVersion(version) === undefined);
    expect(versions.length).toBeGreaterThan(4000);
    expect(ours).toEqual(refused(versions));
    expect(ours.filter((version) => !notVersion.test(version))).toEqual([]);
  });

  test('orders the versions of each package of the security database as we do', () => {
    const pairs = [...packages.values()].flatMap((versions) => {
      const sorted = [...versions]
        .filter((version) => parseApkVersion(version))
        .sort((a, b) => compareApk(a, b)!);
      return sorted.slice(1).map((version, at) => [sorted[at]!, version] as const);
    });
    expect(pairs.length).toBeGreaterThan(3000);
    expectOrders(pairs.filter(([a, b], at) => at % 10 === 0 || /[.\d][a-z]\d/.test(a + b)));
  });

  test('takes and orders their neighbours as we do', () => {
    const real = [...new Set([...packages.values()].flatMap((each) => [...each]))].sort();
    const near = real.filter((_, at) => at % 400 === 0 || /^[\d.]+[a-z]\d/.test(real[at]!)).map(neighbours);
    const ours = near.flat().filter((version) => parseApkVersion(version) === undefined);
    expect([...new Set(ours)].sort()).toEqual([...new Set(refused(near.flat()))].sort());
    const pairs = near.flatMap((each) => {
      const taken = each.filter((version) => parseApkVersion(version));
      return taken.slice(1).flatMap((b, at) => [[taken[0]!, b] as const, [taken[at]!, b] as const]);
    });
    expect(pairs.length).toBeGreaterThan(400);
    expectOrders(pairs);
  });

  test('orders generated versions as we do', () => {
    const versions = fc.sample(apkVersion, { seed: 1, numRuns: 4000 }).filter(ofBothApks).slice(0, 400);
    expect(versions).toHaveLength(400);
    expectOrders(versions.slice(1).map((version, at) => [versions[at]!, version]));
  });
});

function neighbours(version: string): string[] {
  const [, numbers, suffixes, revision = ''] = /^([^_-]*)(.*?)(-r\d+)?$/.exec(version)!;
  const more = ['a', 'p', 'p1', 'p02', 'p10', 'q', 'p1a', 'p1.5', 'p1_p1', '.05', '.1', '.', '.r0'];
  const ends = ['_alpha', '_alpha1', '_rc2', '_p1', '_p01', '_git20210101', '_p1_p2', '_prebeta', '-1'];
  return [
    version,
    ...more.map((each) => numbers + each + suffixes + revision),
    ...ends.map((each) => numbers! + suffixes + each + revision),
    ...['', '-r1', '-r01', '-r10'].map((each) => numbers! + suffixes + each),
  ];
}

/**
 * apk 2 has no hash, and orders longer numbers with a leading zero by value, where apk 3 and we order them as texts. apk 2.12
 * puts `1.0_rc1` above `1.0`, but not above `1.0-r0`, and each package has a revision.
 */
function ofBothApks(version: string): boolean {
  return /-r\d+$/.test(version) && !/~|\.0\d*0|\.0\d\d|\.(?!\d)/.test(version);
}
