import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionId } from '../../../../src/oval/document/document.ts';
import { coverageKey, flawKey, inventoryKey, ovalNamespace } from '../../../../src/oval/forms/rows.ts';
import { xsdErrors } from '../../../oval/support/roots.ts';
import { rpmDatabaseMaker } from '../../../prove/compare.ts';
import { oscapVerdicts } from '../../../prove/oscap.ts';
import type { RpmPackage } from '../../../prove/trial.ts';
import { scapfeed } from '../../../support/cli.ts';
import { hasOfficialSchemas, hasOracle, officialSchemas } from '../../../support/oracles.ts';
import { scanned } from '../../../support/scanned.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { keys, rockyRoot, rpm } from './system.ts';
import { writeRockyMirror } from './world.ts';

const node18 = 'nodejs:18:9020020230825123456:rhel9:x86_64';
const out = join(temporaryFolder('feed'), 'out');
const snapshots = join(out, '../snapshots');

beforeAll(() => {
  const mirror = writeRockyMirror({
    advisories: [
      { name: 'RLSA-2024:8000', cves: ['CVE-2024-8000'], packages: ['openssl-1:1.1.1k-12.el8_9.x86_64'] },
      {
        name: 'RLSA-2023:5363',
        cves: ['CVE-2023-32002'],
        packages: [
          'nodejs-1:18.17.1-1.module+el9.2.0+36+853e48f5.x86_64 nodejs:18',
          'npm-1:9.6.7-1.18.17.1.1.module+el9.2.0+36+853e48f5.x86_64 nodejs:18',
        ],
      },
      {
        name: 'RLSA-2024:1',
        cves: ['CVE-2024-1000', 'CVE-2024-1001'],
        packages: ['bash-5.1.8-7.el9.x86_64', 'bash-debuginfo-5.1.8-7.el9.x86_64', 'bash-5.1.8-7.el9.src'],
      },
      { name: 'RLSA-2024:2', cves: ['CVE-2024-1000'], packages: ['bash-5.1.8-9.el9.x86_64'] },
      {
        name: 'RLSA-2024:3',
        cves: ['CVE-2024-3000'],
        packages: ['zlib-1.2.11-40.el9.x86_64', 'zlib-1.2.11-41.el9.aarch64'],
      },
      {
        name: 'RXSA-2024:4',
        cves: ['CVE-2024-4000'],
        packages: ['kernel-core-5.14.0-362.el9_3.cloud.x86_64 - Rocky Linux SIG Cloud 9'],
      },
    ],
  });
  const built = scapfeed([
    ...['build', '--source', 'rocky', '--mirror', mirror],
    ...['--snapshots', snapshots, '--out', out],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
});

interface Scan {
  platform: { id: string; marks: string[] };
  verdicts: {
    vulnerability: string;
    package: { name: string };
    fixedVersion: string;
    advisories: unknown;
    marks: string[];
  }[];
  uncovered: { name: string; reason: string; detail?: string }[];
}

const scan = (root: string, ...more: string[]) => scanned<Scan>(`dir:${root}`, out, ...more);

const rows = ({ verdicts }: Scan) =>
  verdicts
    .map(({ vulnerability, package: { name }, fixedVersion }) => `${vulnerability} ${name} ${fixedVersion}`)
    .sort();
const silent = ({ uncovered }: Scan) =>
  uncovered.map(({ name, reason, detail }) => `${name} ${reason} ${detail}`);

const bash = 'bash-5.1.8-6.el9.x86_64';
const nodejs = (build: string, label?: string) =>
  rpm(`nodejs-1:18.14.2-2.module+el9.2.0+${build}.x86_64`, label ? { modularitylabel: label } : {});
const enabled = (stream: string) => ({
  'etc/dnf/modules.d/nodejs.module': `[nodejs]\nname=nodejs\nprofiles=\nstate=enabled\nstream=${stream}\n`,
});

const canMakeDatabases = existsSync(rpmDatabaseMaker) && hasOracle('python3', 'rpm');

describe.skipIf(!canMakeDatabases)('a system of Rocky Linux', () => {
  it('is judged by its major, each package by its own advisories', () => {
    const nine = scan(
      rockyRoot('9.3', [rpm('zlib-1.2.11-39.el9.x86_64'), rpm('openssl-1:3.0.7-1.el9.x86_64')]),
    );
    expect(nine.platform).toMatchObject({ id: 'rocky-9', marks: ['fixes_only', 'no_package_list'] });
    expect([rows(nine), silent(nine)]).toEqual([['CVE-2024-3000 zlib 0:1.2.11-40.el9'], []]);
    const eight = rockyRoot('8.10', [rpm('openssl-1:1.1.1k-9.el8_7.x86_64', { keyid: keys.rocky8 })]);
    expect(rows(scan(eight))).toEqual(['CVE-2024-8000 openssl 1:1.1.1k-12.el8_9']);
  });

  it('a flaw of two advisories is fixed by the later, and every one that the build lacks is named', () => {
    const { verdicts } = scan(rockyRoot('9.3', [rpm(bash)]));
    const told = verdicts.map(({ vulnerability, fixedVersion, advisories }) =>
      [vulnerability, fixedVersion, JSON.stringify(advisories)].join(' '),
    );
    const [first, second] = told.sort();
    expect(first).toContain('CVE-2024-1000 0:5.1.8-9.el9');
    expect(first).toMatch(/RLSA-2024:1\b.*RLSA-2024:2\b/);
    expect(second).toContain('CVE-2024-1001 0:5.1.8-7.el9');
    expect(rows(scan(rockyRoot('9.3', [rpm('bash-5.1.8-9.el9.x86_64')])))).toEqual([]);
  });

  it("a release's kernel is not measured by the build of SIG Cloud", () => {
    expect(rows(scan(rockyRoot('9.3', [rpm('kernel-core-5.14.0-362.el9_3.x86_64')])))).toEqual([]);
  });

  it('builds that differ by architecture are told apart', () => {
    const of = (nevra: string) => rows(scan(rockyRoot('9.3', [rpm(nevra)])));
    expect(of('zlib-1.2.11-40.el9.x86_64')).toEqual([]);
    expect(of('zlib-1.2.11-40.el9.aarch64')).toEqual(['CVE-2024-3000 zlib 0:1.2.11-41.el9']);
  });

  it.each<[string, RpmPackage, Record<string, string>, string]>([
    ['by its label', nodejs('5+aaaaaaaa', node18), {}, 'affected'],
    ['of another stream', nodejs('5+aaaaaaaa', 'nodejs:20:9020020230825123456:rhel9'), {}, 'nothing'],
    ['without label, by the number of the build', nodejs('36+aaaaaaaa'), {}, 'affected'],
    ["without label, by dnf's record", nodejs('5+aaaaaaaa'), enabled('18'), 'affected'],
    ['without label and record', nodejs('5+aaaaaaaa'), {}, 'undecidable'],
    ['outside modules', rpm('nodejs-1:16.20.2-1.el9_2.x86_64'), {}, 'nothing'],
  ])('a modular build is judged by its stream: %s', (_, pkg, files, expected) => {
    const { verdicts, uncovered } = scan(rockyRoot('9.2', [pkg], files));
    expect(verdicts.length > 0 ? 'affected' : (uncovered[0]?.reason ?? 'nothing')).toBe(expected);
  });

  it.each([
    ['an unknown key, Rocky by its vendor', { keyid: '0123456789abcdef' }, 'unknown_key'],
    ['no signature', { keyid: undefined }, 'unsigned'],
  ])('%s: judged, and marked', (_, tags, mark) => {
    const pkg = JSON.parse(JSON.stringify({ ...rpm(bash), ...tags })) as RpmPackage;
    const { verdicts } = scan(rockyRoot('9.3', [pkg]));
    expect(verdicts.map(({ marks }) => marks)).toEqual([[mark], [mark]]);
  });

  it.each([
    ['AlmaLinux', { keyid: keys.alma9, vendor: 'AlmaLinux' }, 'key of AlmaLinux 9'],
    ['Red Hat', { keyid: keys.redHat, vendor: 'Red Hat, Inc.' }, 'key of Red Hat'],
    ['EPEL', { keyid: keys.epel9, vendor: 'Fedora Project' }, 'key of EPEL 9'],
    ['AlmaLinux by its vendor alone', { keyid: undefined, vendor: 'AlmaLinux' }, 'vendor AlmaLinux'],
    ['somebody', { keyid: '0123456789abcdef', vendor: 'Docker' }, 'vendor Docker'],
    [
      'a vendor that begins alike',
      { keyid: '0123456789abcdef', vendor: 'Rockyfeller' },
      'vendor Rockyfeller',
    ],
  ])("a package of %s is not Rocky's", (_, tags, who) => {
    const pkg = JSON.parse(JSON.stringify({ ...rpm(bash), ...tags })) as RpmPackage;
    const result = scan(rockyRoot('9.3', [pkg]));
    expect([rows(result), silent(result), result.code]).toEqual([
      [],
      [`bash not_covered not Rocky's: ${who}`],
      4,
    ]);
  });

  it('has package URLs, and explain tells the limit and the advisory', () => {
    const root = rockyRoot('9.3', [rpm('bash-5.1.8-8.el9.x86_64')]);
    const { out: bom } = scapfeed(['inventory', `dir:${root}`, '-o', 'cyclonedx']);
    expect(bom).toContain('pkg:rpm/rocky/bash@5.1.8-8.el9?arch=x86_64&distro=rocky-9.3');
    const place = [`dir:${root}`, 'CVE-2024-1000', 'bash'];
    const explained = scapfeed([
      'explain',
      ...place,
      '--feed',
      out,
      '--max-age',
      '0',
      '--snapshots',
      snapshots,
    ]);
    expect(explained.code, explained.err).toBe(0);
    expect(explained.out).toContain('0:5.1.8-9.el9');
    expect(explained.out).toMatch(/api\/v3\/advisories\/[\s\S]*page-00001\.json\/advisories\/3/);
    expect(explained.out).toContain('"name":"RLSA-2024:2"');
  });

  it('the table says that flaws without a fix are not known', () => {
    const root = rockyRoot('9.3', [rpm(bash)]);
    const { out: text } = scapfeed(['scan', `dir:${root}`, '--feed', out, '--max-age', '0']);
    expect(text).toContain('no flaw means no known fix');
  });
});

describe.skipIf(!canMakeDatabases || !hasOracle('oscap', 'xmllint'))(
  'oscap on the OVAL of Rocky Linux',
  () => {
    const document = () => join(out, 'oval/rocky-9.oval.xml');
    const namespace = ovalNamespace('rocky-9');
    const flaw = (cve: string, name: string) => definitionId(namespace, flawKey('fixed', cve, name));

    it('makes a feed that is valid, as a publish checks it', () => {
      const documents = ['oval', 'manifest.oval'].map((form) => join(out, `oval/rocky-9.${form}.xml`));
      for (const path of [out, ...documents]) expect(scapfeed(['validate', path]).code, path).toBe(0);
    });

    it.skipIf(!hasOfficialSchemas())('is valid by the official schema', () => {
      expect(xsdErrors(document(), join(officialSchemas, 'oval/5.11.1/oval-definitions-schema.xsd'))).toBe(
        '',
      );
    });

    it('holds for its release alone, and says whether packages were read', () => {
      const of = (root: string) => oscapVerdicts(document(), { root });
      const nine = of(rockyRoot('9.3', [rpm(bash)]));
      const eight = of(rockyRoot('8.9', [rpm(bash)]));
      for (const key of [inventoryKey, coverageKey]) {
        expect(nine.get(definitionId(namespace, key))).toBe('true');
        expect(eight.get(definitionId(namespace, key))).toBe('false');
      }
      expect(nine.get(flaw('CVE-2024-1000', 'bash'))).toBe('true');
      expect(eight.get(flaw('CVE-2024-1000', 'bash'))).toBe('false');
    });

    it.each([
      ['its own key', {}, 'true'],
      ['no signature', { keyid: undefined }, 'true'],
      ['the key of AlmaLinux', { keyid: keys.alma9 }, 'false'],
    ])('a package with %s', (_, tags, expected) => {
      const pkg = JSON.parse(JSON.stringify({ ...rpm(bash), ...tags })) as RpmPackage;
      const results = oscapVerdicts(document(), { root: rockyRoot('9.3', [pkg]) });
      expect(results.get(flaw('CVE-2024-1000', 'bash'))).toBe(expected);
    });
  },
);
