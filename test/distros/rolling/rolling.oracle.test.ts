import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionId } from '../../../src/oval/document/document.ts';
import { coverageKey, flawKey, inventoryKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { Random } from '../../prove/random.ts';
import { trivyFindings, trivyFindingsIn } from '../../prove-exports/trivy.ts';
import { scapfeed } from '../../support/cli.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { hasOracle, npmCommand } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { writeTrivyBuckets } from '../../support/trivy-db.ts';
import type { Secfixes } from '../alpine/world.ts';
import { rollingRoot, type VendorName, writeRollingMirror } from './world.ts';

const home = temporaryFolder('rolling');
const feed = join(home, 'feed');

/** Packages around the bounds of their fixes, in two sources each. */
const { packages, world } = (() => {
  const random = new Random(7);
  const installed: string[] = ['wolfi-baselayout 20230201-r23'];
  const fixes: Record<string, Secfixes> = {};
  for (let at = 0; at < 120; at++) {
    const bound = random.pick(['1.2.3-r4', '1.10_rc2-r0', '2.39-r10', '0.1.0_p3-r1']);
    const build = random.pick([bound, bound.replace(/\d+$/, '0'), '1.2-r9', '1.10-r0', '3-r0']);
    installed.push(`part${at} ${build} source${at}`);
    fixes[`source${at}`] = { [random.pick([bound, bound, '0'])]: [`CVE-2026-${10_000 + at}`] };
  }
  return { packages: installed, world: fixes };
})();

interface Scanned {
  platform: { id: string; marks: string[] };
  verdicts: { vulnerability: string; fixedVersion: string; package: { name: string; purl: string } }[];
}

function scan(reference: string, ...more: string[]): { code: number | null; err: string; result: Scanned } {
  const { code, out, err } = scapfeed([
    ...['scan', reference, '--feed', feed, '--max-age', '0', '-o', 'json'],
    ...more,
  ]);
  return { code, err, result: out === '' ? ({} as Scanned) : (JSON.parse(out) as Scanned) };
}

beforeAll(() => {
  const built = scapfeed([
    ...['build', '--source', 'wolfi', '--mirror', writeRollingMirror('wolfi', world)],
    ...['--snapshots', join(home, 'snapshots'), '--out', feed],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
});

describe('an image of Wolfi', () => {
  const repositories = { 'etc/apk/repositories': 'https://packages.wolfi.dev/os\n' };

  it('is judged whatever its VERSION_ID, by origins, without a note about another vendor', () => {
    const { result } = scan(`dir:${rollingRoot('wolfi', packages, repositories)}`);
    expect(result.platform).toMatchObject({
      id: 'wolfi-rolling',
      marks: ['fixes_only', 'no_package_list'],
    });
    expect(result.verdicts.length).toBeGreaterThan(20);
    expect(result.verdicts[0]!.package.purl).toMatch(/^pkg:apk\/wolfi\/part\d+@/);
    expect(JSON.stringify(result)).not.toContain('other_repository');
  });

  it.each([
    ['chainguard', 'alpine'],
    ['unknown', 'wolfi'],
  ])('rows of Wolfi are not for an image of %s', (id, like) => {
    const { code, err } = scan(`dir:${rollingRoot(id, packages, { 'etc/like': like })}`);
    expect([code, err]).toEqual([4, expect.stringContaining('PLATFORM_NOT_COVERED')]);
  });

  it('an SBOM of it is judged as the image is', () => {
    const root = rollingRoot('wolfi', packages);
    const sbom = join(home, 'sbom.json');
    const { code, out, err } = scapfeed(['inventory', `dir:${root}`, '-o', 'cyclonedx']);
    expect(code, err).toBe(0);
    writeFileSync(sbom, out);
    const rows = ({ verdicts }: Scanned) =>
      verdicts.map((each) => `${each.vulnerability} ${each.package.name} ${each.fixedVersion}`).sort();
    expect(rows(scan(`sbom:${sbom}`).result)).toEqual(rows(scan(`dir:${root}`).result));
  });

  it.skipIf(!hasOracle('oscap'))('oscap says by the OVAL what scan says by the index', () => {
    const root = rollingRoot('wolfi', packages);
    const oval = oscapVerdicts(join(feed, 'oval/wolfi-rolling.oval.xml'), { root });
    const of = (key: string) => oval.get(definitionId(ovalNamespace('wolfi-rolling'), key));
    expect([of(inventoryKey), of(coverageKey)]).toEqual(['true', 'true']);
    const byOval = packages.flatMap((_, at) => {
      const cve = `CVE-2026-${10_000 + at}`;
      return of(flawKey('fixed', cve, `source${at}`)) === 'true' ? [cve] : [];
    });
    expect(byOval.sort()).toEqual(
      scan(`dir:${root}`)
        .result.verdicts.map(({ vulnerability }) => vulnerability)
        .sort(),
    );
    const other = oscapVerdicts(join(feed, 'oval/wolfi-rolling.oval.xml'), {
      root: rollingRoot('chainguard', packages),
    });
    expect([...new Set(other.values())]).toEqual(['false']);
  });
});

describe('data whose licence does not allow to pass on what is made of it', () => {
  const run = (...args: string[]) => scapfeed(args);

  it('is marked in the manifest', () => {
    const { sources } = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8'));
    expect(sources[0]).toMatchObject({ id: 'wolfi', terms: 'restricted', licence: 'CC-BY-NC-ND-4.0' });
    expect(run('validate', feed)).toMatchObject({ code: 0 });
  });

  it('export refuses it, unless its terms are accepted by name', () => {
    const args = ['export', '--feed', feed, '--to', 'trivy', '--out', join(home, 'exports')];
    const refused = run(...args);
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('TERMS_NOT_ACCEPTED')]);
    expect(refused.err).toContain('--accept-terms wolfi');
    const accepted = run(...args, '--accept-terms', 'wolfi');
    expect(accepted, accepted.err).toMatchObject({ code: 0 });
  });

  it('a build with an export of it is refused before it begins', () => {
    const { code, err } = run('build', '--source', 'wolfi', '--export', 'trivy', '--out', join(home, 'none'));
    expect([code, err]).toEqual([2, expect.stringContaining('scapfeed export --accept-terms wolfi')]);
  });
});

describe.skipIf(npmCommand('trivy') === undefined)('real Trivy', () => {
  /** `CVE package < fix` of scan and of Trivy, with our export and with rows as its own database has them. */
  function judged(name: VendorName, fixes: Readonly<Record<string, Secfixes>>, installed: readonly string[]) {
    const work = temporaryFolder('trivy');
    const [out, exported, root] = [join(work, 'feed'), join(work, 'out'), rollingRoot(name, installed)];
    const run = (...args: string[]) => {
      const done = scapfeed(args);
      expect(done, done.err).toMatchObject({ code: 0 });
    };
    run(
      ...['build', '--source', name, '--mirror', writeRollingMirror(name, fixes), '--out', out],
      ...['--snapshots', join(work, 'snapshots')],
    );
    run('export', '--feed', out, '--to', 'trivy', '--out', exported, '--accept-terms', name);
    const scanned = scapfeed(['scan', `dir:${root}`, '--feed', out, '--max-age', '0', '-o', 'json']);
    const { verdicts } = JSON.parse(scanned.out) as Scanned;
    const byExport = trivyFindings(exported, root, work);
    const rows = Object.entries(fixes).map(([source, versions]) => [
      source,
      Object.fromEntries(
        Object.entries(versions).flatMap(([FixedVersion, ids]) =>
          ids.map((id) => [id, Buffer.from(JSON.stringify({ FixedVersion }))]),
        ),
      ),
    ]);
    const source = Buffer.from(JSON.stringify({ ID: name, Name: 'test', URL: 'https://example.test' }));
    writeTrivyBuckets(join(work, 'trivy-cache'), {
      'data-source': { [name]: source },
      vulnerability: {},
      [name]: Object.fromEntries(rows),
    });
    const byOwn = trivyFindingsIn(['rootfs', root], work);
    const said = (found: readonly { VulnerabilityID: string; PkgName: string; FixedVersion?: string }[]) =>
      found.map((each) => `${each.VulnerabilityID} ${each.PkgName} < ${each.FixedVersion}`).sort();
    return {
      scan: verdicts
        .map((each) => `${each.vulnerability} ${each.package.name} < ${each.fixedVersion}`)
        .sort(),
      byExport: said(byExport),
      byOwn: said(byOwn),
    };
  }

  it.each(['wolfi', 'chainguard', 'minimos'] as const)('%s: finds what scan finds', (name) => {
    const { scan, byExport, byOwn } = judged(name, world, packages);
    expect(scan.length).toBeGreaterThan(20);
    expect(byExport).toEqual(scan);
    expect(byOwn).toEqual(scan);
  });

  const fixture =
    'vendors2/chainguard/aquasecurity+trivy/pkg/detector/ospkg/chainguard/testdata/fixtures/chainguard.yaml';

  it.skipIf(!hasData(fixture))(
    'its own rows of Chainguard OS: scan finds the same; both pass over versions that are none',
    () => {
      let name = '';
      let id = '';
      const fixes: Record<string, Record<string, string[]>> = {};
      for (const [, key, value = ''] of readFileSync(dataPath(fixture), 'utf8').matchAll(
        /^ {4}.*?(bucket|key|FixedVersion): "?([^"\n]*)/gm,
      )) {
        if (key === 'bucket') name = value;
        else if (key === 'key') id = value;
        else {
          const own = fixes[name] ?? {};
          fixes[name] = { ...own, [value]: [...(own[value] ?? []), id] };
        }
      }
      expect(Object.keys(fixes)).toEqual(['ansible', 'jq', 'test-src']);
      const { scan, byOwn } = judged('chainguard', fixes, [
        ...['ansible 2.6.3-r1', 'jq 1.6_rc1-r1', 'jq-dev 1.5-r0 jq', 'test-src 0.1.0_alpha1-r0'],
      ]);
      expect(scan.length).toBeGreaterThan(5);
      expect(byOwn).toEqual(scan);
    },
  );
});
