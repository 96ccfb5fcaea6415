import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { definitionId } from '../../../../src/oval/document/document.ts';
import { flawKey, inventoryKey, ovalNamespace } from '../../../../src/oval/forms/rows.ts';
import { rpmDatabaseMaker } from '../../../prove/compare.ts';
import { oscapVerdicts } from '../../../prove/oscap.ts';
import { Random } from '../../../prove/random.ts';
import type { RpmPackage } from '../../../prove/trial.ts';
import { scapfeed } from '../../../support/cli.ts';
import { hasOracle } from '../../../support/oracles.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { type CsafFlaw, openEulerRoot, rpm, writeOpenEulerMirror } from './world.ts';

function build(flaws: readonly CsafFlaw[]): string {
  const out = join(temporaryFolder('feed'), 'out');
  const built = scapfeed([
    ...['build', '--source', 'openeuler', '--mirror', writeOpenEulerMirror(flaws)],
    ...['--snapshots', join(out, '../snapshots'), '--out', out],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
  return out;
}

function scan(root: string, feed: string): { code: number | null; err: string; affected: string[] } {
  const { code, err, out } = scapfeed([
    ...['scan', `dir:${root}`, '--feed', feed, '--max-age', '0', '-o', 'json'],
  ]);
  const { verdicts = [] } = (out === '' ? {} : JSON.parse(out)) as {
    verdicts?: { vulnerability: string; package: { name: string } }[];
  };
  return { code, err, affected: verdicts.map((each) => `${each.vulnerability} ${each.package.name}`).sort() };
}

const able = existsSync(rpmDatabaseMaker) && hasOracle('oscap', 'python3', 'rpm');

describe.skipIf(!able)('openEuler', () => {
  it('oscap says by the OVAL what scan says by the index, around the bounds of fixes and of architectures', () => {
    const random = new Random(1);
    const packages: RpmPackage[] = [];
    const flaws = Array.from({ length: 300 }, (_, at): CsafFlaw => {
      const bound = random.pick(['1.2-3.oe2403', '1.2-10.oe2403', '1.2.1-3.oe2403']);
      const build = random.pick([bound, `${bound}.1`, '1.2-2.oe2403', '1.2-20.oe2403']);
      const [epoch, arch] = [random.pick(['', '', '2:']), random.pick(['x86_64', 'aarch64', 'noarch'])];
      packages.push(rpm(`pkg${at}-${epoch}${build}.${arch}`));
      const files = [`pkg${at}-${bound}.x86_64`, `pkg${at}-${bound}.aarch64`];
      if (random.chance(30)) files.push(`pkg${at}-1.2-4.oe2403.aarch64`);
      return { cve: `CVE-2026-${10_000 + at}`, fixed: { '24.03-LTS': files } };
    });
    const feed = build(flaws);
    const root = openEulerRoot('24.03-LTS', packages);
    const { affected } = scan(root, feed);
    const oval = oscapVerdicts(join(feed, 'oval/openeuler-24.03-lts.oval.xml'), { root });
    const of = (key: string) => oval.get(definitionId(ovalNamespace('openeuler-24.03-lts'), key));
    expect(of(inventoryKey)).toBe('true');
    const byOval = flaws.flatMap(({ cve }, at) =>
      of(flawKey('fixed', cve, `pkg${at}`)) === 'true' ? [`${cve} pkg${at}`] : [],
    );
    // Fixes have no epochs: oscap compares those of packages, and the OVAL's list of causes says so (unstated_epoch).
    const withEpoch = new Set(packages.flatMap(({ name, epoch }) => (epoch === undefined ? [] : [name])));
    const [plain, others] = [false, true].map((has) =>
      affected.filter((each) => withEpoch.has(each.split(' ')[1]!) === has),
    );
    expect(byOval.sort()).toEqual(plain);
    expect(plain!.length).toBeGreaterThan(40);
    expect(others!.length).toBeGreaterThan(20);
    const inexact = readFileSync(join(feed, 'oval/openeuler-24.03-lts.inexact.json'), 'utf8');
    expect(inexact).toContain('unstated_epoch');
  });

  it('a service pack is a release: without data of its own it is not covered, and OVAL is not true of it', () => {
    const fixed = { '22.03-LTS-SP3': ['vim-9.0-33.oe2203sp3.x86_64'] };
    const feed = build([{ cve: 'CVE-2025-29768', fixed }]);
    const vim = rpm('vim-2:9.0-32.oe2203sp3.x86_64');
    expect(scan(openEulerRoot('22.03-LTS-SP3', [vim]), feed).affected).toEqual(['CVE-2025-29768 vim']);
    const other = openEulerRoot('22.03-LTS-SP1', [vim]);
    expect(scan(other, feed)).toMatchObject({ code: 4, affected: [] });
    const oval = oscapVerdicts(join(feed, 'oval/openeuler-22.03-lts-sp3.oval.xml'), { root: other });
    expect(oval.get(definitionId(ovalNamespace('openeuler-22.03-lts-sp3'), inventoryKey))).toBe('false');
  });
});
