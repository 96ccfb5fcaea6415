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
import { almaRoot, keys, rpm } from './system.ts';
import { writeAlmaMirror } from './world.ts';

const node18 = 'nodejs:18:9020020230825123456:rhel9:x86_64';
const out = join(temporaryFolder('feed'), 'out');
const snapshots = join(out, '../snapshots');

beforeAll(() => {
  const mirror = writeAlmaMirror({
    errata: {
      8: [
        {
          id: 'ALSA-2024:8000',
          cves: ['CVE-2024-8000'],
          packages: ['openssl-1:1.1.1k-12.el8_9.x86_64', 'openssl-1:1.1.1k-12.el8_9.aarch64'],
        },
      ],
      9: [
        { id: 'ALSA-2022:7071', cves: ['CVE-2022-42927'], packages: ['firefox-102.4.0-1.el9_0.alma.x86_64'] },
        {
          id: 'ALSA-2023:5363',
          cves: ['CVE-2023-32002'],
          packages: [
            `nodejs-1:18.17.1-1.module_el9.2.0+36+853e48f5.x86_64 ${node18}`,
            `npm-1:9.6.7-1.18.17.1.1.module_el9.2.0+36+853e48f5.x86_64 ${node18}`,
          ],
        },
        {
          id: 'ALSA-2024:1',
          cves: ['CVE-2024-1000', 'CVE-2024-1001'],
          packages: ['bash-5.1.8-7.el9.x86_64'],
        },
        { id: 'ALSA-2024:2', cves: ['CVE-2024-1000'], packages: ['bash-5.1.8-9.el9.x86_64'] },
        {
          id: 'ALSA-2024:3',
          cves: ['CVE-2024-3000'],
          packages: ['zlib-1.2.11-40.el9.x86_64', 'zlib-1.2.11-41.el9.aarch64'],
        },
        { id: 'ALSA-2024:4', cves: ['CVE-2024-4000'], packages: ['toolbox-0.0.99-1.el9.x86_64'] },
        { id: 'ALSA-2024:5', cves: ['CVE-2024-5000'], packages: ['unbound-1.16.2-8.el9.aarch64'] },
        { id: 'ALSA-2024:6', cves: ['CVE-2024-6000'], packages: ['rbs-1.0-2.el9.noarch'] },
      ],
    },
  });
  const built = scapfeed([
    ...['build', '--source', 'almalinux', '--mirror', mirror],
    ...['--snapshots', snapshots, '--out', out],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
});

interface Scan {
  platform: { id: string; marks: string[] };
  verdicts: {
    vulnerability: string;
    package: { name: string; purl?: string };
    fixedVersion: string;
    advisories: { id: string }[] | string[];
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
  rpm(`nodejs-1:18.14.2-2.module_el9.2.0+${build}.x86_64`, label ? { modularitylabel: label } : {});
const enabled = (stream: string) => ({
  'etc/dnf/modules.d/nodejs.module': `[nodejs]\nname=nodejs\nprofiles=\nstate=enabled\nstream=${stream}\n`,
});

const canMakeDatabases = existsSync(rpmDatabaseMaker) && hasOracle('python3', 'rpm');

describe.skipIf(!canMakeDatabases)('a system of AlmaLinux', () => {
  it('is judged by its major, each package by its own errata', () => {
    const result = scan(
      almaRoot('9.3', [rpm('firefox-102.3.0-7.el9_0.alma.x86_64'), rpm('openssl-1:3.0.7-1.el9.x86_64')]),
    );
    expect(result.platform).toMatchObject({
      id: 'almalinux-9',
      marks: ['fixes_only', 'no_package_list', 'oval_absent'],
    });
    expect(rows(result)).toEqual(['CVE-2022-42927 firefox 0:102.4.0-1.el9_0.alma']);
    expect(silent(result)).toEqual([]);
    expect(
      scan(almaRoot('8.10', [rpm('openssl-1:1.1.1k-9.el8_7.x86_64', { keyid: keys.alma8of2023 })])).verdicts,
    ).toHaveLength(1);
  });

  it("a build with AlmaLinux's own suffix is not below the one that RHEL has (fleetdm/fleet#33842)", () => {
    expect(rows(scan(almaRoot('9.0', [rpm('firefox-102.4.0-1.el9_0.alma.x86_64')])))).toEqual([]);
    expect(rows(scan(almaRoot('9.0', [rpm('firefox-102.4.0-1.el9_0.x86_64')])))).toHaveLength(1);
  });

  it('a flaw of two errata is fixed by the later, and every erratum that the build lacks is named', () => {
    const told = (nevra: string) =>
      scan(almaRoot('9.3', [rpm(nevra)]))
        .verdicts.map(({ vulnerability, fixedVersion, advisories }) =>
          [vulnerability, fixedVersion, JSON.stringify(advisories)].join(' '),
        )
        .sort();
    const [first, second] = told(bash);
    expect(first).toContain('CVE-2024-1000 0:5.1.8-9.el9');
    expect(first).toMatch(/ALSA-2024:1\b.*ALSA-2024:2\b/);
    expect(second).toContain('CVE-2024-1001 0:5.1.8-7.el9');
    expect(told('bash-5.1.8-8.el9.x86_64').join()).not.toMatch(/ALSA-2024:1\b/);
    expect(told('bash-5.1.8-9.el9.x86_64')).toEqual([]);
  });

  it('builds that differ by architecture are told apart', () => {
    const of = (nevra: string) => rows(scan(almaRoot('9.3', [rpm(nevra)])));
    expect(of('zlib-1.2.11-40.el9.x86_64')).toEqual([]);
    expect(of('zlib-1.2.11-40.el9.aarch64')).toEqual(['CVE-2024-3000 zlib 0:1.2.11-41.el9']);
  });

  it.each([
    ['noarch, where builds for an architecture fix it', 'toolbox-0.0.7-1.el9.noarch', []],
    ['for an architecture, where one for none fixes it', 'rbs-1.0-1.el9.x86_64', []],
    ['for which the erratum has nothing', 'unbound-1.16.2-7.el9.x86_64', ['other_architecture']],
    ['for neither of those that it has', 'zlib-1.2.11-40.el9.s390x', ['other_architecture']],
  ])('a build %s, is affected, explained and told by OVAL', (_, nevra, marks) => {
    const root = almaRoot('9.3', [rpm(nevra)]);
    const { verdicts } = scan(root);
    expect(verdicts.map((verdict) => verdict.marks)).toEqual([marks]);
    const [{ vulnerability, package: pkg, fixedVersion }] = verdicts as [Scan['verdicts'][number]];
    const { code, out: text } = scapfeed([
      ...['explain', `dir:${root}`, vulnerability, pkg.name],
      ...['--feed', out, '--max-age', '0'],
    ]);
    expect([code, text]).toEqual([expect.any(Number), expect.stringContaining(`below ${fixedVersion}`)]);
    const results = oscapVerdicts(join(out, 'oval/almalinux-9.oval.xml'), { root });
    const truths = [...results].filter(([, result]) => result === 'true').map(([id]) => id);
    const key = flawKey('fixed', vulnerability, pkg.name);
    expect(truths).toContain(definitionId(ovalNamespace('almalinux-9'), key));
  });

  it.each<[string, RpmPackage, Record<string, string>, string]>([
    ['by its label', nodejs('5+aaaaaaaa', node18), {}, 'affected'],
    ['of another stream', nodejs('5+aaaaaaaa', 'nodejs:20:9020020230825123456:rhel9'), {}, 'nothing'],
    ['without label, by the number of the build', nodejs('36+aaaaaaaa'), {}, 'affected'],
    ["without label, by dnf's record", nodejs('5+aaaaaaaa'), enabled('18'), 'affected'],
    ["without label, by dnf's record of another stream", nodejs('5+aaaaaaaa'), enabled('20'), 'nothing'],
    ['without label and record', nodejs('5+aaaaaaaa'), {}, 'undecidable'],
    ['outside modules', rpm('nodejs-1:16.20.2-1.el9_2.x86_64'), {}, 'nothing'],
  ])('a modular build is judged by its stream: %s', (_, pkg, files, expected) => {
    const { verdicts, uncovered } = scan(almaRoot('9.2', [pkg], files));
    expect(verdicts.length > 0 ? 'affected' : (uncovered[0]?.reason ?? 'nothing')).toBe(expected);
  });

  it.each([
    ['an unknown key, AlmaLinux by its vendor', { keyid: '0123456789abcdef' }, 'unknown_key'],
    ['no signature', { keyid: undefined }, 'unsigned'],
  ])('%s: judged, and marked', (_, tags, mark) => {
    const pkg = JSON.parse(JSON.stringify({ ...rpm(bash), ...tags })) as RpmPackage;
    const { verdicts } = scan(almaRoot('9.3', [pkg]));
    expect(verdicts.map(({ marks }) => marks)).toEqual([[mark], [mark]]);
  });

  it.each([
    ['Rocky', { keyid: keys.rocky9, vendor: 'Rocky Enterprise Software Foundation' }, 'key of Rocky Linux 9'],
    ['Red Hat', { keyid: keys.redHat, vendor: 'Red Hat, Inc.' }, 'key of Red Hat'],
    ['EPEL', { keyid: keys.epel9, vendor: 'Fedora Project' }, 'key of EPEL 9'],
    ['somebody', { keyid: '0123456789abcdef', vendor: 'Docker' }, 'vendor Docker'],
    [
      'a vendor that begins alike',
      { keyid: '0123456789abcdef', vendor: 'AlmaLinuxPlus' },
      'vendor AlmaLinuxPlus',
    ],
  ])("a package of %s is not AlmaLinux's", (_, tags, who) => {
    const result = scan(almaRoot('9.3', [rpm(bash, tags)]));
    expect([rows(result), silent(result)]).toEqual([[], [`bash not_covered not AlmaLinux's: ${who}`]]);
    expect(result.code).toBe(4);
  });

  it('has package URLs, and explain tells the limit and the erratum', () => {
    const root = almaRoot('9.3', [rpm('bash-5.1.8-8.el9.x86_64')]);
    const { out: bom } = scapfeed(['inventory', `dir:${root}`, '-o', 'cyclonedx']);
    expect(bom).toContain('pkg:rpm/almalinux/bash@5.1.8-8.el9?arch=x86_64&distro=almalinux-9.3');
    const place = [`dir:${root}`, 'CVE-2024-1000', 'bash'];
    const {
      code,
      out: text,
      err,
    } = scapfeed(['explain', ...place, '--feed', out, '--max-age', '0', '--snapshots', snapshots]);
    expect(code, err).toBe(0);
    expect(text).toContain('0:5.1.8-9.el9');
    expect(text).toContain('ALSA-2024:2');
    expect(text).toMatch(/errata\.almalinux\.org\/9\/errata\.full\.json[\s\S]*\/data\/3/);
    expect(text).toContain('"id": "ALSA-2024:2"');
    expect(text).not.toContain('main-9');
  });

  it('AlmaLinux Kitten is not judged by the errata of a release', () => {
    const release = 'ID="almalinux"\nVERSION_ID="9"\nPRETTY_NAME="AlmaLinux Kitten 9 (Lion Cub)"\n';
    const result = scan(almaRoot('9.3', [rpm(bash)], { 'etc/os-release': release }));
    expect([rows(result), result.code]).toEqual([[], 4]);
    expect(silent(result)[0]).toContain('AlmaLinux Kitten');
  });

  it('the table says that flaws without a fix are not known', () => {
    const { out: text } = scapfeed([
      'scan',
      `dir:${almaRoot('9.3', [rpm(bash)])}`,
      '--feed',
      out,
      '--max-age',
      '0',
    ]);
    expect(text).toContain('no flaw means no known fix');
  });
});

describe.skipIf(!canMakeDatabases || !hasOracle('oscap', 'xmllint'))('oscap on the OVAL of AlmaLinux', () => {
  const document = () => join(out, 'oval/almalinux-9.oval.xml');
  const namespace = ovalNamespace('almalinux-9');
  const flaw = (cve: string, name: string) => definitionId(namespace, flawKey('fixed', cve, name));

  it('makes a feed that is valid, as a publish checks it', () => {
    const documents = ['oval', 'manifest.oval'].map((form) => join(out, `oval/almalinux-9.${form}.xml`));
    for (const path of [out, ...documents]) expect(scapfeed(['validate', path]).code, path).toBe(0);
  });

  it.skipIf(!hasOfficialSchemas())('is valid by the official schema', () => {
    expect(xsdErrors(document(), join(officialSchemas, 'oval/5.11.1/oval-definitions-schema.xsd'))).toBe('');
  });

  it('holds for its release alone, and says whether packages were read', () => {
    const of = (root: string) => oscapVerdicts(document(), { root });
    const nine = of(almaRoot('9.3', [rpm(bash)]));
    const eight = of(almaRoot('8.9', [rpm(bash)]));
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
    ['the key of Rocky', { keyid: keys.rocky9 }, 'false'],
  ])('a package with %s', (_, tags, expected) => {
    const pkg = JSON.parse(JSON.stringify({ ...rpm(bash), ...tags })) as RpmPackage;
    const results = oscapVerdicts(document(), { root: almaRoot('9.3', [pkg]) });
    expect(results.get(flaw('CVE-2024-1000', 'bash'))).toBe(expected);
  });
});
