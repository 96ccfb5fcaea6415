import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionId } from '../../../../src/oval/document/document.ts';
import { coverageKey, flawKey, inventoryKey, ovalNamespace } from '../../../../src/oval/forms/rows.ts';
import { rpmDatabaseMaker } from '../../../prove/compare.ts';
import { oscapVerdicts } from '../../../prove/oscap.ts';
import type { RpmPackage } from '../../../prove/trial.ts';
import { scapfeed } from '../../../support/cli.ts';
import { hasOracle } from '../../../support/oracles.ts';
import { scanned } from '../../../support/scanned.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { bodhiUpdate, fedoraRoot, rpm, writeFedoraMirror } from './world.ts';

const out = join(temporaryFolder('feed'), 'out');
const snapshots = join(out, '../snapshots');

beforeAll(() => {
  const bind = bodhiUpdate({
    id: 'FEDORA-2026-0a1b2c3d4e',
    packages: ['bind-32:9.18.34-1.fc43.x86_64', 'bind-libs-32:9.18.34-1.fc43.x86_64'],
    bugs: ['CVE-2024-11187 bind: many records in the additional section [fedora-43]'],
  });
  const ofArm = { ...bind, packages: ['bind-32:9.18.34-1.fc43.aarch64'] };
  const zlib = bodhiUpdate({
    ...bind,
    id: 'FEDORA-2026-2',
    packages: ['zlib-1.3.1-2.fc44.x86_64'],
    collection: 'F44',
  });
  const mirror = writeFedoraMirror({
    43: { x86_64: [bind], aarch64: [ofArm] },
    44: { x86_64: [zlib], aarch64: [] },
  });
  const built = scapfeed([
    ...['build', '--source', 'fedora', '--mirror', mirror, '--snapshots', snapshots, '--out', out],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
});

interface Scanned {
  verdicts: { vulnerability: string; package: { name: string }; fixedVersion: string; severity: string }[];
  uncovered: { name: string; reason: string; detail?: string }[];
  platform: { id: string; marks: string[] } | null;
}

const scanOf = (place: string) => scanned<Scanned>(place, out);

const scan = (packages: readonly RpmPackage[], version?: string) =>
  scanOf(`dir:${fedoraRoot(packages, version)}`);

const words = ({ verdicts }: Scanned) =>
  verdicts.map(({ vulnerability, package: { name }, fixedVersion, severity }) =>
    [vulnerability, name, fixedVersion, severity].join(' '),
  );

const flaw = 'CVE-2024-11187 bind 32:9.18.34-1.fc43 high';
const able = existsSync(rpmDatabaseMaker) && hasOracle('oscap', 'python3', 'rpm');

describe.skipIf(!able)('a system of Fedora', () => {
  it('is judged by the updates of its release, on each architecture', () => {
    const result = scan([rpm('bind-32:9.18.33-1.fc43.x86_64')]);
    expect(result.platform).toMatchObject({
      id: 'fedora-43',
      marks: ['fixes_only', 'newest_updates_only', 'no_package_list'],
    });
    expect([words(result), result.uncovered, result.code]).toEqual([[flaw], [], 0]);
    expect(words(scan([rpm('bind-32:9.18.33-1.fc43.aarch64')]))).toEqual([flaw]);
    expect(words(scan([rpm('bind-32:9.18.34-1.fc43.x86_64')]))).toEqual([]);
  });

  it('is of its own release alone; one that the feed has not is judged by nothing', () => {
    expect(words(scan([rpm('bind-32:9.18.33-1.fc44.x86_64', { keyid: 'dbfcf71c6d9f90a6' })], '44'))).toEqual(
      [],
    );
    for (const version of ['42', '45']) {
      const root = fedoraRoot([rpm(`bind-32:9.18.33-1.fc${version}.x86_64`)], version);
      const { code, err } = scapfeed(['scan', `dir:${root}`, '--feed', out, '--max-age', '0']);
      expect([code, err]).toEqual([4, expect.stringContaining('the feed has fedora-43, fedora-44')]);
    }
  });

  it('has packages of others that are not covered: EPEL signs with other keys', () => {
    const epel = { keyid: '8a3872bf3228467c' };
    expect(scan([rpm('bind-32:9.18.33-1.el9.x86_64', epel)])).toMatchObject({
      verdicts: [],
      uncovered: [{ reason: 'not_covered', detail: "not Fedora Project's: key of EPEL 9" }],
    });
    expect(scan([rpm('bind-32:9.18.33-1.fc43.x86_64', { keyid: '199e2f91fd431d51' })]).verdicts).toEqual([]);
  });

  it('has the same verdict by oscap on its OVAL', () => {
    const idOf = (key: string) => definitionId(ovalNamespace('fedora-43'), key);
    for (const [build, expected] of [
      ['9.18.33-1', 'true'],
      ['9.18.34-1', 'false'],
    ]) {
      const root = fedoraRoot([rpm(`bind-32:${build}.fc43.x86_64`)]);
      const verdicts = oscapVerdicts(join(out, 'oval/fedora-43.oval.xml'), { root });
      const keys = [inventoryKey, coverageKey, flawKey('fixed', 'CVE-2024-11187', 'bind')];
      expect(keys.map((key) => verdicts.get(idOf(key)))).toEqual(['true', 'true', expected]);
    }
    const other = oscapVerdicts(join(out, 'oval/fedora-43.oval.xml'), { root: fedoraRoot([], '44') });
    expect(other.get(idOf(inventoryKey))).toBe('false');
  });

  it('a verdict is explained by the update as Fedora wrote it', () => {
    const root = fedoraRoot([rpm('bind-32:9.18.33-1.fc43.x86_64')]);
    const place = [`dir:${root}`, 'CVE-2024-11187', 'bind', '--feed', out, '--max-age', '0'];
    const { code, out: text } = scapfeed(['explain', ...place, '--snapshots', snapshots]);
    expect(code, text).toBe(0);
    expect(text).toContain('<id>FEDORA-2026-0a1b2c3d4e</id>');
    expect(text).toContain('many records in the additional section');
  });
});

it('SBOMs of Fedora are judged by their package URLs', () => {
  const sbom = join(temporaryFolder(), 'sbom.json');
  const purl =
    'pkg:rpm/fedora/bind@9.18.33-1.fc43?arch=x86_64&epoch=32&distro=fedora-43&upstream=bind-9.18.33-1.fc43.src.rpm';
  const components = [
    { type: 'operating-system', name: 'fedora', version: '43' },
    { type: 'library', name: 'bind', version: '32:9.18.33-1.fc43', purl },
  ];
  writeFileSync(sbom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, components }));
  expect(words(scanOf(`sbom:${sbom}`))).toEqual([flaw]);
});

it('the feed and its OVAL are valid, and are made again byte by byte', () => {
  for (const path of [
    out,
    ...['oval', 'manifest.oval'].map((form) => join(out, `oval/fedora-43.${form}.xml`)),
  ])
    expect(scapfeed(['validate', path]).code, path).toBe(0);
  expect(scapfeed(['validate', '--rebuild', out, '--snapshots', snapshots]).code).toBe(0);
});

it('exports: Grype has its rows, Trivy and OSV have no name for it', () => {
  const folder = join(temporaryFolder('exports'), 'exports');
  const exported = scapfeed(['export', '--feed', out, '--to', 'grype,csaf', '--out', folder]);
  expect(exported, exported.err).toMatchObject({ code: 0 });
  const { platforms } = JSON.parse(readFileSync(join(folder, 'grype.inexact.json'), 'utf8')) as {
    platforms: { platform: string; left_out: number }[];
  };
  expect(platforms).toMatchObject([
    { platform: 'fedora-43', left_out: 0 },
    { platform: 'fedora-44', left_out: 0 },
  ]);
  const trivy = scapfeed(['export', '--feed', out, '--to', 'trivy', '--out', folder]);
  expect(trivy.err).toContain('Trivy does not know fedora');
});
