import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionId } from '../../../../src/oval/document/document.ts';
import { coverageKey, flawKey, inventoryKey, ovalNamespace } from '../../../../src/oval/forms/rows.ts';
import { rpmDatabaseMaker } from '../../../prove/compare.ts';
import { oscapVerdicts } from '../../../prove/oscap.ts';
import { Random } from '../../../prove/random.ts';
import type { RpmPackage } from '../../../prove/trial.ts';
import { rootWith, scapfeed } from '../../../support/cli.ts';
import { hasOracle } from '../../../support/oracles.ts';
import { scanned } from '../../../support/scanned.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { share } from '../../../support/trials.ts';
import { azureRoot, type Flaw, flawOval, microsoftKey, rpm, writeAzureMirror } from './world.ts';

const out = join(temporaryFolder('feed'), 'out');

beforeAll(() => {
  const date = '2026-09-20T22:02:46Z';
  const curl: Flaw = { id: 1, cve: 'CVE-2024-1001', name: 'curl', builds: ['< 0:8.8.0-2.azl3'], date };
  const mirror = writeAzureMirror({
    'azurelinux-3.0': [
      curl,
      { ...curl, id: 2, cve: 'CVE-2024-1002', severity: 'Critical', builds: ['<= 0:8.8.0-2.azl3'] },
      { ...curl, id: 3, name: 'golang', builds: ['< 0:1.20.7-1.azl3', '> 0:1.19.0.azl3'] },
      { ...curl, id: 4, name: 'emacs', builds: ['< 0:29.3.azl3'] },
    ],
    'cbl-mariner-2.0': [{ ...curl, builds: ['< 0:7.76.0-3.cm2'] }],
  });
  const built = scapfeed([
    ...['build', '--source', 'azurelinux,mariner', '--mirror', mirror],
    ...['--snapshots', join(out, '../snapshots'), '--out', out],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
});

interface Scanned {
  verdicts: {
    vulnerability: string;
    package: { name: string };
    fixedVersion?: string;
    fixState?: string;
    severity: string;
    marks: string[];
  }[];
  uncovered: { name: string; reason: string; detail?: string }[];
  inventory: { os: { id: string; versionId: string } };
  platform: { id: string };
}

function scan(packages: readonly RpmPackage[], platform = 'azurelinux-3.0') {
  const root = azureRoot(platform, packages);
  return { ...scanned<Scanned>(`dir:${root}`, out), root };
}

const words = ({ verdicts }: Scanned) =>
  verdicts.map(
    ({ vulnerability, package: { name }, fixedVersion, fixState, severity, marks }) =>
      `${vulnerability} ${name} ${fixedVersion ?? fixState} ${severity}${marks.length ? ` (${marks.join()})` : ''}`,
  );

const able = existsSync(rpmDatabaseMaker) && hasOracle('oscap', 'python3', 'rpm');
const ofCurl = { sourcerpm: 'curl-8.8.0-1.azl3.src.rpm' };

describe.skipIf(!able)('a system of Azure Linux', () => {
  it('is judged by the sources of its packages: libcurl by curl', () => {
    const result = scan([rpm('libcurl-8.8.0-1.azl3.x86_64', ofCurl)]);
    expect(words(result)).toEqual([
      'CVE-2024-1002 libcurl none_yet critical',
      'CVE-2024-1001 libcurl 0:8.8.0-2.azl3 high',
    ]);
    expect(result.inventory.os).toMatchObject({ id: 'azurelinux', versionId: '3.0' });
  });

  it('a fixed build still has the flaw without a fix, as has a newer one than the document knows', () => {
    for (const build of ['8.8.0-2.azl3', '9.0.0-1.azl3'])
      expect(words(scan([rpm(`curl-${build}.x86_64`)]))).toEqual(['CVE-2024-1002 curl none_yet critical']);
  });

  it('a bound below is told by a mark, and a definition that was not understood leaves its source unread', () => {
    expect(words(scan([rpm('golang-1.18.0-1.azl3.x86_64')]))).toEqual([
      'CVE-2024-1001 golang 0:1.20.7-1.azl3 high (lower_bound)',
    ]);
    const { code, verdicts } = scan([rpm('emacs-29.2-1.azl3.x86_64')]);
    expect(verdicts).toEqual([]);
    expect(code).toBe(4);
  });

  it('CBL-Mariner is itself: its own release, and the same key', () => {
    const result = scan([rpm('curl-7.76.0-2.cm2.x86_64')], 'mariner-2.0');
    expect(words(result)).toEqual(['CVE-2024-1001 curl 0:7.76.0-3.cm2 high']);
    const other = scan([rpm('curl-7.76.0-2.cm2.x86_64', { keyid: '199e2f91fd431d51' })], 'mariner-2.0');
    expect(other.verdicts).toEqual([]);
    expect(other.uncovered).toMatchObject([{ name: 'curl', detail: "not Microsoft's: key of Red Hat" }]);
    // A release that the feed has not.
    expect(scapfeed(['scan', `dir:${azureRoot('mariner-1.0', [])}`, '--feed', out]).code).toBe(4);
  });

  it('a distroless image is judged by its manifest of packages, which states no signatures', () => {
    const root = rootWith({
      'etc/os-release': 'ID=azurelinux\nVERSION_ID="3.0"\n',
      'var/lib/rpmmanifest/container-manifest-2':
        'libcurl\t8.8.0-1.azl3\t1\t1\tMicrosoft Corporation\t(none)\t1\tx86_64\t0\tcurl-8.8.0-1.azl3.src.rpm\n',
    });
    const args = ['scan', `dir:${root}`, '--feed', out, '--max-age', '0', '-o', 'json'];
    const { out: text, err } = scapfeed(args);
    expect(text, err).not.toBe('');
    expect(words(JSON.parse(text) as Scanned)).toEqual([
      'CVE-2024-1002 libcurl none_yet critical (signature_not_stated)',
      'CVE-2024-1001 libcurl 0:8.8.0-2.azl3 high (signature_not_stated)',
    ]);
  });

  it('its OVAL says the same by oscap, of binaries that it knows by the name of the source', () => {
    const root = azureRoot('azurelinux-3.0', [rpm('curl-8.8.0-1.azl3.x86_64')]);
    const idOf = (key: string) => definitionId(ovalNamespace('azurelinux-3.0'), key);
    const oval = oscapVerdicts(join(out, 'oval/azurelinux-3.0.oval.xml'), { root });
    const keys = [inventoryKey, coverageKey, flawKey('fixed', 'CVE-2024-1001', 'curl')];
    expect(keys.map((key) => oval.get(idOf(key)))).toEqual(['true', 'true', 'true']);
    const unfixed = oscapVerdicts(join(out, 'oval/azurelinux-3.0.unfixed.oval.xml'), { root });
    expect(unfixed.get(idOf(flawKey('unfixed', 'CVE-2024-1002', 'curl')))).toBe('true');
  });

  it('a verdict is explained by the definition of the flaw in that source, as Microsoft wrote it', () => {
    const { root } = scan([rpm('curl-8.8.0-1.azl3.x86_64')]);
    const { code, out: text } = scapfeed([
      ...['explain', `dir:${root}`, 'CVE-2024-1001', 'curl', '--feed', out, '--max-age', '0'],
      ...['--snapshots', join(out, '../snapshots')],
    ]);
    expect(code, text).toBe(0);
    expect(text).toContain('azurelinux-3.0-oval.xml');
    expect(text).toContain('<title>CVE-2024-1001 affecting package curl</title>');
    expect(text).not.toContain('golang');
  });

  it('package URLs of SBOMs name both systems, with the source as upstream', () => {
    const sbom = join(temporaryFolder(), 'sbom.json');
    const purl =
      'pkg:rpm/azurelinux/libcurl@8.8.0-1.azl3?arch=x86_64&distro=azurelinux-3.0&upstream=curl-8.8.0-1.azl3.src.rpm';
    writeFileSync(
      sbom,
      JSON.stringify({
        bomFormat: 'CycloneDX',
        specVersion: '1.5',
        version: 1,
        components: [
          { type: 'operating-system', name: 'azurelinux', version: '3.0' },
          { type: 'library', name: 'libcurl', version: '8.8.0-1.azl3', purl },
        ],
      }),
    );
    const args = ['scan', `sbom:${sbom}`, '--feed', out, '--max-age', '0', '-o', 'json'];
    const { out: text, err } = scapfeed(args);
    expect(text, err).not.toBe('');
    expect(words(JSON.parse(text) as Scanned).map((each) => each.split(' ').slice(0, 3).join(' '))).toEqual([
      'CVE-2024-1002 libcurl none_yet',
      'CVE-2024-1001 libcurl 0:8.8.0-2.azl3',
    ]);
  });
});

it('exports: Grype, Trivy and OSV have the sources, with what has no fix where they have a word for it', () => {
  const folder = join(temporaryFolder('exports'), 'exports');
  const exported = scapfeed(['export', '--feed', out, '--to', 'grype,trivy,osv', '--out', folder]);
  expect(exported, exported.err).toMatchObject({ code: 0 });
  for (const target of ['grype', 'trivy', 'osv']) {
    const { platforms } = JSON.parse(readFileSync(join(folder, `${target}.inexact.json`), 'utf8')) as {
      platforms: { platform: string; left_out: number }[];
    };
    expect(platforms.map(({ platform, left_out: count }) => `${target} ${platform} ${count}`)).toEqual([
      `${target} azurelinux-3.0 0`,
      `${target} mariner-2.0 0`,
    ]);
  }
});

// One document in the form of Microsoft's: evaluated as it is by oscap and by `scapfeed eval`, and compiled to an index. Packages
// are installed around each bound. The index says the same, or one of the classes of docs/azurelinux.md.

interface Case {
  flaw: Flaw;
  installed: RpmPackage;
  class: 'binary' | 'epoch' | 'foreign' | 'lower' | 'newer' | 'not_applicable' | 'same';
}

function caseOf(random: Random, at: number): Case {
  const name = `pkg${at}`;
  const bound = random.pick(['3', '10', '3.1']);
  const inclusive = random.chance(20);
  const lower = !inclusive && random.chance(10);
  const skip = random.chance(10);
  const revision = random.pick([`${bound}~`, bound, `${bound}.1`, '2', '20']);
  const version = lower && random.chance(50) ? '1.0' : '1.2';
  const kind = random.below(20);
  const binary = kind < 3;
  const epoch = kind === 3 ? '1:' : '';
  const foreign = kind === 4 ? { keyid: '199e2f91fd431d51' } : {};
  const flaw: Flaw = {
    ...{ id: 10_000 + at, cve: `CVE-2024-${10_000 + at}`, name },
    builds: [`${inclusive ? '<=' : '<'} 0:1.2-${bound}.azl3`, ...(lower ? ['> 0:1.1.azl3'] : [])],
    ...(skip ? { patchable: 'Not Applicable' } : {}),
  };
  const sourcerpm = `${name}-${version}-${revision}.azl3.src.rpm`;
  const nevra = `${binary ? `${name}-libs` : name}-${epoch}${version}-${revision}.azl3.x86_64`;
  const classes: readonly [Case['class'], boolean][] = [
    ['not_applicable', skip],
    ['foreign', kind === 4],
    ['binary', binary],
    ['epoch', kind === 3],
    ['lower', lower],
    ['newer', inclusive],
  ];
  return {
    flaw,
    installed: rpm(nevra, { sourcerpm, ...foreign }),
    class: classes.find(([, is]) => is)?.[0] ?? 'same',
  };
}

describe.skipIf(!able)("a document in the form of Microsoft's OVAL", () => {
  it.each(share([1, 2, 3], 1))(
    'says what the index made of it says, for a thousand packages: %s',
    (seed) => {
      const random = new Random(seed);
      const cases = Array.from({ length: 1000 }, (_, at) => caseOf(random, at));
      const flaws = cases.map(({ flaw }) => flaw);
      const folder = temporaryFolder('oval');
      const [file, feed] = [join(folder, 'flaws.xml'), join(folder, 'out')];
      writeFileSync(file, flawOval(flaws));
      const built = scapfeed([
        ...['build', '--source', 'azurelinux', '--mirror', writeAzureMirror({ 'azurelinux-3.0': flaws })],
        ...['--no-oval', '--snapshots', join(folder, 'snapshots'), '--out', feed],
      ]);
      expect(built, built.err).toMatchObject({ code: 0 });

      const root = azureRoot(
        'azurelinux-3.0',
        cases.map((each) => each.installed),
      );
      const oscap = oscapVerdicts(file, { root });
      const evaluated = scapfeed(['eval', `dir:${root}`, '--content', file, '--all', '-o', 'json']);
      const { definitions } = JSON.parse(evaluated.out) as { definitions: { id: string; result: string }[] };
      expect(new Map(definitions.map(({ id, result }) => [id, result]))).toEqual(oscap);

      const scanned = scapfeed(['scan', `dir:${root}`, '--feed', feed, '-o', 'json', '--max-age', '0']);
      const { verdicts } = JSON.parse(scanned.out) as Scanned;
      const told = new Set(verdicts.map((verdict) => verdict.package.name));
      const unexplained: string[] = [];
      const differ: Partial<Record<Case['class'], number>> = {};
      for (const { flaw, installed, class: kind } of cases) {
        const byOval = oscap.get(`oval:com.microsoft.azurelinux:def:${flaw.id}`) === 'true';
        const byIndex = told.has(installed.name);
        if (byOval === byIndex) continue;
        differ[kind] = (differ[kind] ?? 0) + 1;
        // The OVAL alone: packages of others, what is not applicable. The index alone: all else.
        const isClass = kind !== 'same' && byOval === (kind === 'foreign' || kind === 'not_applicable');
        if (!isClass) unexplained.push(`${kind} ${JSON.stringify([flaw, installed])}`);
      }
      expect(unexplained).toEqual([]);
      expect(told.size).toBeGreaterThan(300);
      const seen: Case['class'][] = ['binary', 'epoch', 'foreign', 'lower', 'newer', 'not_applicable'];
      expect(Object.keys(differ).sort()).toEqual(seen);
      expect(microsoftKey).toBe(cases.find(({ class: kind }) => kind === 'same')?.installed.keyid);
    },
    300_000,
  );
});
