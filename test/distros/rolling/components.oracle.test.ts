import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionId } from '../../../src/oval/document/document.ts';
import { coverageKey, flawKey, ovalNamespace } from '../../../src/oval/forms/rows.ts';
import { apkRecord } from '../../packaging/apk/record.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { Random } from '../../prove/random.ts';
import { trivyFindings } from '../../prove-exports/trivy.ts';
import { rootWith, scapfeed } from '../../support/cli.ts';
import { hasOracle, npmCommand } from '../../support/oracles.ts';
import { scanned } from '../../support/scanned.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type Component, componentRecord, writeComponentMirror } from './components-world.ts';

const home = temporaryFolder('components');
const feed = join(home, 'feed');
let root: string;

interface Scanned {
  verdicts: {
    vulnerability: string;
    package: { name: string; source?: { name: string } };
    fixedVersion?: string;
    fixState?: string;
  }[];
}

/** Builds of several names and architectures at the bounds of their fixes, with at most one statement of a flaw for each build. */
const world = (() => {
  const random = new Random(11);
  const components: Component[] = [];
  const records: string[] = [];
  const origins = new Map<string, string>();
  for (let at = 0; at < 150; at++) {
    const origin = `origin${at}`;
    const names = random.pick([[origin], [origin, `${origin}-compat`], [`${origin}-bin`]]);
    const bound = random.pick(['1.2.3-r4', '1.10_rc2-r0', '2.39-r10', '0.1.0_p3-r1']);
    const build = random.pick([bound, bound.replace(/\d+$/, '0'), '1.2-r9', '1.10-r0', '3-r0']);
    const A = random.pick(['x86_64', 'aarch64', 'noarch']);
    for (const name of names) {
      records.push(apkRecord(name, build, { o: origin, A }));
      origins.set(name, origin);
    }
    const about = random.pick([origin, ...names]);
    const fixed = random.pick([bound, bound, undefined, '0']);
    for (const arch of random.pick([['x86_64'], ['aarch64', 'x86_64']] as const))
      components.push({
        name: about,
        arch,
        cve: `CVE-2026-${10_000 + at}`,
        ...(fixed !== undefined && { fixed }),
      });
  }
  return { components, records, origins };
})();

const scan = () => scanned<Scanned>(`dir:${root}`, feed);

beforeAll(() => {
  const records = world.components.map((component, at) => componentRecord(at, component));
  const built = scapfeed([
    ...['build', '--source', 'wolfi', '--mirror', writeComponentMirror(records)],
    ...['--snapshots', join(home, 'snapshots'), '--out', feed],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
  root = rootWith({
    'etc/os-release': 'ID=wolfi\nVERSION_ID="20230201"\n',
    'lib/apk/db/installed': world.records.join(''),
  });
});

it.skipIf(!hasOracle('oscap'))('oscap says by the OVAL what scan says by the index', () => {
  const of = (key: string) => definitionId(ovalNamespace('wolfi-rolling'), key);
  const found: string[] = [];
  for (const selection of ['fixed', 'unfixed'] as const) {
    const suffix = selection === 'fixed' ? 'oval' : 'unfixed.oval';
    const verdicts = oscapVerdicts(join(feed, `oval/wolfi-rolling.${suffix}.xml`), { root });
    expect(verdicts.get(of(coverageKey))).toBe('true');
    for (const { cve, name } of world.components)
      if (verdicts.get(of(flawKey(selection, cve, name))) === 'true') found.push(`${selection} ${cve}`);
  }
  const scanned = scan().verdicts.map(
    ({ vulnerability, fixedVersion }) => `${fixedVersion ? 'fixed' : 'unfixed'} ${vulnerability}`,
  );
  const unique = (rows: string[]) => [...new Set(rows)].sort();
  expect(unique(found)).toEqual(unique(scanned));
  expect(unique(found).length).toBeGreaterThan(40);
});

it('the feed and its OVAL are valid', () => {
  expect(scapfeed(['validate', feed])).toMatchObject({ code: 0 });
});

describe('terms: records may be passed on no more than the database', () => {
  const accept = ['--accept-terms', 'wolfi'];

  it('the manifest marks them', () => {
    const { sources } = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8'));
    expect(sources[0]).toMatchObject({ id: 'wolfi', terms: 'restricted', licence: 'CC-BY-NC-ND-4.0' });
  });

  it('a build without --source leaves them out', () => {
    const { err } = scapfeed(['build', '--mirror', join(home, 'none'), '--out', join(home, 'out')]);
    expect(err).not.toContain('advisories.cgr.dev');
  });

  it('export refuses them without --accept-terms', () => {
    const args = ['export', '--feed', feed, '--to', 'csaf', '--out', join(home, 'csaf')];
    const refused = scapfeed(args);
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('TERMS_NOT_ACCEPTED')]);
    expect(scapfeed([...args, ...accept])).toMatchObject({ code: 0 });
  });

  it('publish refuses them without --accept-terms, so that there is nothing to bundle', () => {
    const env = {
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_DATA_HOME: join(home, 'data'),
      SCAPFEED_PASSPHRASE: 'a passphrase of tests',
    };
    expect(scapfeed(['keys', 'make'], env)).toMatchObject({ code: 0 });
    const refused = scapfeed(['publish', '--feed', feed, '--to', join(home, 'site')], env);
    expect([refused.code === 0, refused.err]).toEqual([false, expect.stringContaining('terms')]);
  });
});

it.skipIf(npmCommand('trivy') === undefined)(
  'real Trivy finds by the export what has a fix and is said of an origin',
  () => {
    const out = join(home, 'trivy');
    expect(
      scapfeed(['export', '--feed', feed, '--to', 'trivy', '--out', out, '--accept-terms', 'wolfi']),
    ).toMatchObject({ code: 0 });
    const ofOrigins = new Set(world.origins.values());
    // Trivy knows no architectures in these rows.
    const built = new Map<string, number>();
    for (const { cve } of world.components) built.set(cve, (built.get(cve) ?? 0) + 1);
    const isTold = (cve: string) => built.get(cve) === 2;
    const about = new Map(world.components.map(({ cve, name }) => [cve, name]));
    const wanted = scan()
      .verdicts.filter(({ vulnerability: cve, fixedVersion }) => fixedVersion && isTold(cve))
      .filter(({ vulnerability }) => ofOrigins.has(about.get(vulnerability)!))
      .map(({ vulnerability, package: { name } }) => `${vulnerability} ${name}`);
    const found = trivyFindings(out, root, temporaryFolder('trivy')).map(
      ({ VulnerabilityID, PkgName }) => `${VulnerabilityID} ${PkgName}`,
    );
    expect(wanted.length).toBeGreaterThan(5);
    expect(found.filter((row) => isTold(row.split(' ')[0]!)).sort()).toEqual(wanted.sort());
  },
);
