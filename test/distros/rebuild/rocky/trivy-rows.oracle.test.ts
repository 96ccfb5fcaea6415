import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rpmDatabaseMaker } from '../../../prove/compare.ts';
import { trivyFindingsIn } from '../../../prove-exports/trivy.ts';
import { scapfeed } from '../../../support/cli.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { hasOracle, npmCommand } from '../../../support/oracles.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { type Bucket, writeTrivyBuckets } from '../../../support/trivy-db.ts';
import { keys, rockyRoot, rpm } from './system.ts';
import { type RockyAdvisory, writeRockyMirror } from './world.ts';

// Real Trivy with rows as its own database has them, made of Rocky's updateinfo (the vuln-list of its publisher), beside verdicts by
// the same advisories as pages of the API.

/** One build that an advisory's record names. */
interface Row {
  advisory: string;
  release: string;
  cves: readonly string[];
  name: string;
  evr: string;
  arch: string;
}

const folder = 'vendors/rocky/aquasecurity+trivy-db/pkg/vulnsrc/rocky/testdata';

/** The records of `vuln-list/rocky/RELEASE/REPOSITORY/ARCH/YEAR`. */
function rowsIn(kind: string): Row[] {
  const root = dataPath(folder, kind, 'vuln-list/rocky');
  return globSync('*/*/*/*/*.json', { cwd: root })
    .sort()
    .flatMap((path) => {
      const { id, cveids, collections } = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
        id: string;
        cveids: string[];
        collections: { packages: Record<'name' | 'epoch' | 'version' | 'release' | 'arch', string>[] }[];
      };
      return collections.flatMap(({ packages }) =>
        packages.map(({ name, epoch, version, release, arch }) => ({
          ...{ advisory: id, release: path.split('/')[0]!, cves: cveids, name, arch },
          evr: `${epoch}:${version}-${release}`,
        })),
      );
    });
}

/** package -> CVE -> entries: one for each version, with its architectures. */
function trivyRows(rows: readonly Row[]): Bucket {
  const packages: Record<string, Record<string, Buffer>> = {};
  for (const name of new Set(rows.map((row) => row.name)))
    for (const cve of new Set(rows.filter((row) => row.name === name).flatMap(({ cves }) => cves))) {
      const own = rows.filter((row) => row.name === name && row.cves.includes(cve));
      const entries = [...new Set(own.map(({ evr }) => evr))].map((evr) => ({
        FixedVersion: evr.replace(/^0:/, ''),
        Arches: [...new Set(own.filter((row) => row.evr === evr).map(({ arch }) => arch))],
        VendorIDs: [...new Set(own.filter((row) => row.evr === evr).map(({ advisory }) => advisory))],
      }));
      packages[name] = { ...packages[name], [cve]: Buffer.from(JSON.stringify({ Entries: entries })) };
    }
  const source = { ID: 'rocky', Name: 'Rocky Linux updateinfo', URL: 'https://example.test' };
  return {
    'data-source': { 'rocky 8': Buffer.from(JSON.stringify(source)) },
    'rocky 8': packages,
    vulnerability: Object.fromEntries(
      rows.flatMap(({ cves }) => cves.map((cve) => [cve, Buffer.from('{"Severity":"HIGH"}')])),
    ),
  };
}

function advisoriesOf(rows: readonly Row[]): RockyAdvisory[] {
  return [...new Set(rows.map(({ advisory }) => advisory))].map((name) => {
    const own = rows.filter(({ advisory }) => advisory === name);
    const packages = own.map(({ name: pkg, evr, arch, release }) => {
      const legacy = release.includes('.') ? ' (Legacy)' : '';
      return `${pkg}-${evr}.${arch} - Rocky Linux ${release} ${arch}${legacy}`;
    });
    return { name, cves: own[0]!.cves, packages };
  });
}

const able =
  existsSync(rpmDatabaseMaker) &&
  hasOracle('python3', 'rpm') &&
  npmCommand('trivy') !== undefined &&
  hasData(folder);

/** Trivy and scan on a system with each of the packages that are listed for an architecture, at its version with an ending. */
function judged(rows: readonly Row[], arch: string, listed = arch): { trivy: string[]; scan: string[] } {
  const work = temporaryFolder('rocky-trivy');
  const out = join(work, 'out');
  const built = scapfeed([
    ...['build', '--source', 'rocky', '--mirror', writeRockyMirror({ advisories: advisoriesOf(rows) })],
    ...['--snapshots', join(work, 'snapshots'), '--out', out, '--no-oval'],
  ]);
  expect(built.code, built.err).toBe(0);
  writeTrivyBuckets(join(work, 'trivy-cache'), trivyRows(rows));
  const found = { trivy: [] as string[], scan: [] as string[] };
  for (const ending of ['~', '', '.1']) {
    const installed = new Map(
      rows
        .filter((row) => row.arch === listed)
        .map(({ name, evr }) => [name, rpm(`${name}-${evr}${ending}.${arch}`, { keyid: keys.rocky8 })]),
    );
    const root = rockyRoot('8.6', [...installed.values()]);
    for (const { VulnerabilityID, PkgName, FixedVersion } of trivyFindingsIn(['rootfs', root], work))
      found.trivy.push(`${ending} ${VulnerabilityID} ${PkgName} ${FixedVersion?.replace(/^0:/, '')}`);
    const { out: text } = scapfeed(['scan', `dir:${root}`, '--feed', out, '-o', 'json', '--max-age', '0']);
    const { verdicts } = JSON.parse(text) as {
      verdicts: { vulnerability: string; package: { name: string }; fixedVersion: string }[];
    };
    for (const { vulnerability, package: pkg, fixedVersion } of verdicts)
      found.scan.push(`${ending} ${vulnerability} ${pkg.name} ${fixedVersion.replace(/^0:/, '')}`);
  }
  return { trivy: found.trivy.sort(), scan: found.scan.sort() };
}

describe.skipIf(!able)("real Trivy with Rocky's own rows", () => {
  it.each([
    ['happy', 'aarch64', 2],
    ['aarch64-only', 'aarch64', 1],
    ['duplicates', 'x86_64', 1],
    ['different-versions', 'aarch64', 1],
    ['different-versions', 'x86_64', 1],
  ])('says what scan says: %s on %s', (kind, arch, flaws) => {
    const { trivy, scan } = judged(rowsIn(kind), arch);
    expect(scan).toEqual(trivy);
    expect(trivy.filter((line) => line.startsWith('~'))).toHaveLength(flaws);
  });

  it('differs where an advisory lists other architectures alone: scan takes their version', () => {
    const { trivy, scan } = judged(rowsIn('aarch64-only'), 'x86_64', 'aarch64');
    const fixed = judged(rowsIn('aarch64-only'), 'aarch64').scan;
    expect([trivy, scan]).toEqual([[], fixed]);
    expect(scan).toHaveLength(1);
  });
});
