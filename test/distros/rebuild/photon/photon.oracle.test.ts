import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionId } from '../../../../src/oval/document/document.ts';
import { flawKey, inventoryKey, ovalNamespace } from '../../../../src/oval/forms/rows.ts';
import { readPatches } from '../../../../src/sources/oval/read-patches.ts';
import { rpmDatabaseMaker } from '../../../prove/compare.ts';
import { oscapVerdicts } from '../../../prove/oscap.ts';
import { Random } from '../../../prove/random.ts';
import { trivyFindings } from '../../../prove-exports/trivy.ts';
import { scapfeed } from '../../../support/cli.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { hasOracle, npmCommand } from '../../../support/oracles.ts';
import { scanned } from '../../../support/scanned.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { share } from '../../../support/trials.ts';
import { judgedByOscap } from '../judged-by-oscap.ts';
import { type Phsa, photonKey, photonRoot, phsaOval, rpm, writePhotonMirror } from './world.ts';

function build(documents: Parameters<typeof writePhotonMirror>[0], ...more: readonly string[]): string {
  const out = join(temporaryFolder('feed'), 'out');
  const built = scapfeed([
    ...['build', '--source', 'photon', '--mirror', writePhotonMirror(documents), ...more],
    ...['--snapshots', join(out, '../snapshots'), '--out', out],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
  return out;
}

let out = '';

beforeAll(() => {
  out = build({
    5: [
      {
        page: '5.0-0184',
        cves: ['CVE-2024-1000'],
        rows: ['curl < 0:8.1.2-9.ph5', 'curl-libs < 0:8.1.2-9.ph5'],
      },
      {
        page: '5.0-0184',
        cves: ['CVE-2024-2000'],
        rows: ['linux < 0:6.1.75-1.ph5', 'linux-esx < 0:6.1.75-1.ph5'],
      },
      { cves: ['CVE-2024-3000'], rows: ['zlib < 0:1.2.13-2.ph5'] },
    ],
  });
});

interface Scanned {
  verdicts: { vulnerability: string; package: { name: string }; fixedVersion: string; marks: string[] }[];
  uncovered: { name: string; reason: string; detail?: string }[];
}

function scan(root: string, feed = out) {
  return scanned<Scanned>(`dir:${root}`, feed);
}

const words = ({ verdicts }: Scanned) =>
  verdicts.map(
    ({ vulnerability, package: { name }, fixedVersion, marks }) =>
      `${vulnerability} ${name} < ${fixedVersion}${marks.length ? ` (${marks.join()})` : ''}`,
  );

const able = existsSync(rpmDatabaseMaker) && hasOracle('oscap', 'python3', 'rpm');

describe.skipIf(!able)('a system of Photon OS', () => {
  const kernel = rpm('linux-6.1.70-1.ph5.x86_64');
  const curl = rpm('curl-8.1.2-8.ph5.x86_64');

  it('is judged by scan, and by oscap on its OVAL', () => {
    const root = photonRoot('5.0', [curl, kernel, rpm('zlib-1.2.13-2.ph5.x86_64')]);
    expect(words(scan(root))).toEqual([
      'CVE-2024-1000 curl < 0:8.1.2-9.ph5',
      'CVE-2024-2000 linux < 0:6.1.75-1.ph5',
    ]);
    const oval = oscapVerdicts(join(out, 'oval/photon-5.0.oval.xml'), { root });
    const isTrue = (key: string) => oval.get(definitionId(ovalNamespace('photon-5.0'), key));
    expect(isTrue(inventoryKey)).toBe('true');
    expect(isTrue(flawKey('fixed', 'CVE-2024-1000', 'curl'))).toBe('true');
    expect(isTrue(flawKey('fixed', 'CVE-2024-3000', 'zlib'))).toBe('false');
    const validated = scapfeed(['validate', join(out, 'oval/photon-5.0.oval.xml')]);
    expect(validated.code, validated.err).toBe(0);
  });

  it('is not covered in a release without data, and where others have built the package', () => {
    const ended = scapfeed(['scan', `dir:${photonRoot('2.0', [curl])}`, '--feed', out, '--max-age', '0']);
    expect([ended.code, ended.err]).toEqual([4, expect.stringContaining('PLATFORM_NOT_COVERED')]);
    const { keyid: _, ...foreign } = rpm('curl-8.1.2-8.ph5.x86_64', { vendor: 'Somebody' });
    expect(scan(photonRoot('5.0', [foreign])).uncovered).toMatchObject([
      { name: 'curl', reason: 'not_covered' },
    ]);
  });

  it('a verdict is explained by the definition of the advisory with its package and flaw', () => {
    const root = photonRoot('5.0', [kernel, rpm('zlib-1.2.13-1.ph5.x86_64')]);
    const explain = (...of: readonly string[]) =>
      scapfeed([
        ...['explain', `dir:${root}`, ...of, '--feed', out, '--max-age', '0'],
        ...['--snapshots', join(out, '../snapshots')],
      ]).out;
    expect(explain('CVE-2024-2000', 'linux')).toContain('linux is earlier than 0:6.1.75-1.ph5');
    expect(explain('CVE-2024-3000', 'zlib')).toContain('zlib is earlier than 0:1.2.13-2.ph5');
  });
});

it.skipIf(!able || npmCommand('trivy') === undefined)(
  'real Trivy with our export judges by names of sources',
  () => {
    const work = temporaryFolder('exports');
    const exported = scapfeed(['export', '--feed', out, '--to', 'trivy,grype', '--out', join(work, 'out')]);
    expect(exported, exported.err).toMatchObject({ code: 0 });
    const libs = rpm('curl-libs-8.1.2-8.ph5.x86_64', { sourcerpm: 'curl-8.1.2-8.ph5.src.rpm' });
    const root = photonRoot('5.0', [libs, rpm('linux-6.1.75-1.ph5.x86_64'), rpm('zlib-1.2.13-1.ph5.x86_64')]);
    const found = trivyFindings(join(work, 'out'), root, work);
    const said = found.map((each) => `${each.VulnerabilityID} ${each.PkgName} < ${each.FixedVersion}`);
    expect(said.sort()).toEqual(words(scan(root)));
  },
);

describe.skipIf(!able)("a document in the form of Photon's OVAL", () => {
  it.each(share([1, 2], 1))(
    'says what the index made of it says, for 600 packages: %s',
    async (seed) => {
      const random = new Random(seed);
      const bounds = ['0:1.2-3.ph5', '0:1.2-10.ph5', '0:1.2-3.0.1.ph5', '2:1.2-3.ph5'];
      const phsas = Array.from({ length: 600 }, (_, at): Phsa => {
        const page = random.chance(95) ? { page: `5.0-${String(at % 300).padStart(4, '0')}` } : {};
        return { ...page, cves: [`CVE-2024-${10_000 + at}`], rows: [`pkg${at} < ${random.pick(bounds)}`] };
      });
      const installed = phsas.map(({ rows: [row = ''] }) => {
        const [name, , bound = ''] = row.split(' ');
        const [epoch, evr] = bound.split(':');
        const build = random.pick([`${evr}~`, evr, `${evr}.1`, '1.2-2.ph5', '1.2-20.ph5', '1.10-1.ph5']);
        return rpm(
          `${name}-${random.chance(90) ? `${epoch}:` : '1:'}${build}.${random.pick(['x86_64', 'noarch'])}`,
        );
      });
      const file = join(temporaryFolder('oval'), 'phsa.xml');
      writeFileSync(file, phsaOval(phsas, '5'));
      const definitions = [...(await readPatches(pieces(file), file))];
      const feed = build({ 5: phsas }, '--no-oval');
      const found = judgedByOscap(file, photonRoot('5.0', installed), feed, definitions);
      expect(found.differ).toEqual([]);
      expect(found.affected).toBeGreaterThan(150);
    },
    300_000,
  );
});

async function* pieces(file: string): AsyncGenerator<Buffer> {
  yield readFileSync(file);
}

const real = 'oval/photon/quay+claircore/photon/testdata/com.vmware.phsa-photon3.xml';

describe.skipIf(!able || !hasData(real))("Photon's own document of 3.0", () => {
  it.each(share([1, 2], 1))(
    'says by oscap what the index made of it says, on packages around its bounds: %s',
    async (seed) => {
      const random = new Random(seed);
      const file = dataPath(real);
      const definitions = [...(await readPatches(pieces(file), file))];
      const builds = new Map<string, string[]>();
      for (const { rows } of definitions)
        for (const { name, below } of rows) builds.set(name, [...(builds.get(name) ?? []), below]);
      const installed = [...builds].map(([name, bounds]) => {
        const [, evr = ''] = random.pick(bounds).split(':');
        return rpm(`${name}-${random.pick([`${evr}~`, evr, `${evr}.1`])}.x86_64`, { keyid: photonKey });
      });
      const feed = build({ 3: readFileSync(file, 'utf8') }, '--no-oval');
      // Of several definitions of one flaw in one package the index has the highest build: the others may be false.
      const highest = new Map<string, string>();
      const seen = new Set<string>();
      for (const { cves, rows } of definitions)
        for (const { name, below } of rows)
          for (const cve of cves) {
            const key = `${cve} ${name}`;
            if (seen.has(key)) highest.set(key, below);
            seen.add(key);
          }
      const single = definitions.filter(({ cves: [cve], rows }) =>
        rows.every(({ name }) => !highest.has(`${cve} ${name}`)),
      );
      const found = judgedByOscap(file, photonRoot('3.0', installed), feed, single);
      expect(found.differ).toEqual([]);
      expect(found.definitions).toBeGreaterThan(150);
      expect(found.affected).toBeGreaterThan(50);
    },
    300_000,
  );
});
