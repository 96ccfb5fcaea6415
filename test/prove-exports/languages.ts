import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareInEcosystem, ecosystemOf, ecosystems } from '../../src/ecosystems/ecosystems.ts';
import { shardLines } from '../../src/feed/read/whole-file.ts';
import { parseRange } from '../../src/packaging/range.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { writeOsvMirror } from '../ecosystems/world.ts';
import { scapfeed } from '../support/cli.ts';
import { npmCommand } from '../support/oracles.ts';
import { sqliteRows } from './grype.ts';

/** A finding in a package of a language, by its package URL. */
export interface LanguageFinding {
  vulnerability: string;
  purl: string;
  /** Every fix that is named: by Trivy those of all intervals. */
  fixed: readonly string[];
  severity: string;
}

/** A feed of OSV records by archive, built as a user builds it, with exports. */
export function languageFeed(
  archives: Parameters<typeof writeOsvMirror>[0],
  work: string,
  targets: string,
): { feed: string; exports: string } {
  const [feed, exports] = [join(work, 'feed'), join(work, 'exports')];
  const mirror = [
    '--mirror',
    writeOsvMirror(archives),
    '--unsigned-mirror',
    '--snapshots',
    join(work, 'snapshots'),
  ];
  const built = scapfeed(['build', '--source', 'osv', '--no-ratings', '--no-oval', ...mirror, '--out', feed]);
  if (built.code !== 0) throw new Error(built.err);
  const exported = scapfeed(['export', '--feed', feed, '--to', targets, '--out', exports]);
  if (exported.code !== 0) throw new Error(exported.err);
  return { feed, exports };
}

/** Package URLs of every package of a feed in the versions around the bounds of its flaws. */
export function purlsAround(directory: string): string[] {
  const feed = openFeed(directory);
  const purls = new Set<string>();
  for (const { id, versions: order } of ecosystems) {
    if (!feed.manifest.platforms.some((platform) => platform.id === id)) continue;
    for (const { package: name, claims } of shardLines(feed, id)) {
      for (const { range = '*' } of claims) {
        const { intervals, versions } = parseRange(range);
        const bounds = [
          ...intervals.flatMap((each) => Object.values(each) as string[]),
          ...versions.slice(0, 5),
        ];
        const around = bounds.flatMap((bound) => [bound, ...neighbours(bound)]);
        const revised = id === 'bitnami' ? around.flatMap(revisions) : [];
        for (const version of ['0.0.1', '999.0.0', ...around, ...revised])
          if (order.read(version) !== undefined) purls.add(purlOf(id, name, version));
      }
    }
  }
  return [...purls];
}

/** The same with its last number one lower or higher, and one level deeper. */
function neighbours(version: string): string[] {
  const [, head, number, tail] = /^(.*?)(\d{1,9})(\D*)$/.exec(version) ?? [];
  if (head === undefined) return [];
  const others = [Number(number) + 1, Number(number) - 1].filter((each) => each >= 0);
  return [
    ...others.map((each) => `${head}${each}${tail}`),
    `${version}-rc.1`,
    `${version}rc1`,
    `${version}.rc1`,
  ];
}

/** Builds of a release, as a vendor of components numbers them. */
function revisions(version: string): string[] {
  return /^\d+(\.\d+)*$/.test(version) ? [`${version}-0`, `${version}-12`] : [];
}

export function purlOf(type: string, name: string, version: string): string {
  const separator = type === 'maven' ? ':' : ['composer', 'golang', 'npm'].includes(type) ? '/' : undefined;
  const parts = (separator === undefined ? [name] : name.split(separator)).map((part) =>
    encodeURIComponent(part),
  );
  return `pkg:${type}/${parts.join('/')}@${encodeURIComponent(version)}`;
}

/** Writes a CycloneDX document of packages; returns its path. */
export function writeBom(path: string, purls: readonly string[]): string {
  const components = purls.map((purl) => {
    const [, names = '', version = ''] = /^pkg:[^/]+\/(.*)@(.*)$/.exec(purl)!;
    const [name, ...group] = decodeURIComponent(names).split('/').reverse();
    return {
      ...{ 'bom-ref': purl, type: 'library', name, version: decodeURIComponent(version), purl },
      ...(group.length > 0 && { group: group.reverse().join('/') }),
    };
  });
  writeFileSync(path, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, components }));
  return path;
}

interface ScanOutput {
  verdicts: { vulnerability: string; package: { purl: string }; fixedVersion?: string; severity: string }[];
  uncovered?: { purl: string }[];
}

export function scanFindings(
  feed: string,
  subject: string,
): { findings: LanguageFinding[]; uncovered: Set<string> } {
  const run = scapfeed(['scan', subject, '--feed', feed, '--max-age', '0', '-o', 'json']);
  const { verdicts, uncovered = [] } = JSON.parse(run.out) as ScanOutput;
  return {
    findings: verdicts.map(({ vulnerability, package: { purl }, fixedVersion, severity }) => ({
      ...{ vulnerability, purl, severity },
      fixed: fixedVersion === undefined ? [] : [fixedVersion],
    })),
    uncovered: new Set(uncovered.map(({ purl }) => purl)),
  };
}

interface TrivyReport {
  Results?: {
    Vulnerabilities?: {
      VulnerabilityID: string;
      PkgIdentifier: { PURL: string };
      FixedVersion?: string;
      Severity: string;
    }[];
  }[];
}

/** Real Trivy with an export as its database. `subject`: its command and what it looks at. */
export function trivyFindingsOf(
  exports: string,
  subject: readonly string[],
  work: string,
): LanguageFinding[] {
  const cache = join(work, 'trivy-cache');
  mkdirSync(join(cache, 'db'), { recursive: true });
  for (const name of ['trivy.db', 'metadata.json'])
    copyFileSync(join(exports, 'trivy', name), join(cache, 'db', name));
  const [command = '', ...what] = subject;
  const database = ['--cache-dir', cache, '--skip-db-update', '--offline-scan'];
  const args = [command, ...database, '--scanners', 'vuln', '--format', 'json', '--quiet', ...what];
  const run = spawnSync(npmCommand('trivy')!, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 29,
    env: { PATH: process.env['PATH'], HOME: work },
  });
  if (run.status !== 0) throw new Error(run.stderr.slice(-1000));
  const { Results = [] } = JSON.parse(run.stdout) as TrivyReport;
  return Results.flatMap(({ Vulnerabilities = [] }) =>
    Vulnerabilities.map(({ VulnerabilityID, PkgIdentifier, FixedVersion = '', Severity }) => ({
      vulnerability: VulnerabilityID,
      purl: PkgIdentifier.PURL,
      fixed: FixedVersion === '' ? [] : FixedVersion.split(', '),
      severity: Severity.toLowerCase(),
    })),
  );
}

/** Types of Syft's packages, by which Grype looks up. */
const syftTypes: Readonly<Record<string, string>> = {
  ...{ bitnami: 'bitnami', cargo: 'rust-crate', composer: 'php-composer', gem: 'gem', golang: 'go-module' },
  ...{ maven: 'java-archive', npm: 'npm', nuget: 'dotnet', pypi: 'python' },
};

interface GrypeLanguageRow {
  type: string;
  name: string;
  vulnerability: string;
  blob: string;
  about: string;
}

/** Findings in Grype's database, by our own SQL and reading of constraints: `>=1,<2` for each range. */
export function grypeFindingsOf(exports: string, purls: readonly string[]): LanguageFinding[] {
  const rows = sqliteRows<GrypeLanguageRow>(
    join(exports, 'grype/vulnerability.db'),
    'select p.ecosystem type, p.name, v.name vulnerability, b.value blob, vb.value about from affected_package_handles a ' +
      'join vulnerability_handles v on v.id = a.vulnerability_id join packages p on p.id = a.package_id ' +
      'join blobs b on b.id = a.blob_id join blobs vb on vb.id = v.blob_id where a.operating_system_id is null',
  );
  const byName = new Map<string, GrypeLanguageRow[]>();
  for (const row of rows)
    byName.set(`${row.type} ${row.name}`, [...(byName.get(`${row.type} ${row.name}`) ?? []), row]);
  return purls.flatMap((purl) => {
    const [, type = '', names = '', version = ''] = /^pkg:([^/]+)\/(.*)@([^?]*)/.exec(purl)!;
    const parts = names.split('/').map(decodeURIComponent);
    const name = type === 'maven' ? `${parts.slice(0, -1).join('/')}:${parts.at(-1)}` : parts.join('/');
    const looked = type === 'pypi' ? name.replace(/[-_.]+/g, '-') : name;
    return (byName.get(`${syftTypes[type]} ${looked.toLowerCase()}`) ?? []).flatMap((row) => {
      const { ranges } = JSON.parse(row.blob) as {
        ranges: { version: { constraint: string }; fix: { version?: string } }[];
      };
      const isWithin = ranges.some(({ version: { constraint } }) =>
        constraint.split(',').every((part) => {
          const [, sign = '', bound = ''] = /^([<>=]*)(.*)$/.exec(part)!;
          const stated = decodeURIComponent(version);
          // Grype leaves the revisions of components out.
          const [one, other] = type === 'bitnami' ? [stated, bound].map(released) : [stated, bound];
          const order = compareInEcosystem(type as never, one!, other!);
          if (sign === '') return true;
          return sign === '<'
            ? order === -1
            : sign === '='
              ? order === 0
              : sign === '>='
                ? order !== -1
                : order !== 1;
        }),
      );
      if (!isWithin) return [];
      const { severities = [] } = JSON.parse(row.about) as { severities?: { value: string }[] };
      return {
        ...{ vulnerability: row.vulnerability, purl, severity: severities[0]?.value ?? 'unknown' },
        fixed: ranges.flatMap(({ fix }) => fix.version ?? []),
      };
    });
  });
}

function released(version: string): string {
  return version.replace(/-\d.*$/, '');
}

/** Differences of scan and Trivy by cause, those that docs/exports.md names. */
export function compareFindings(
  { findings }: { findings: readonly LanguageFinding[] },
  theirs: readonly LanguageFinding[],
): { equal: number; differences: Record<string, string[]> } {
  const ours = byKey(findings);
  const other = byKey(theirs);
  const differences: Record<string, string[]> = {};
  const add = (cause: string, text: string) => {
    differences[cause] = [...(differences[cause] ?? []), text].sort();
  };
  for (const [key, finding] of ours) {
    const their = other.get(key);
    const label = `${finding.vulnerability} ${finding.purl}`;
    if (!their) add(isUnreadable(finding.purl) ? 'unreadable_version' : 'version_order', `scan ${label}`);
    else if (their.severity !== finding.severity)
      add('severity', `${label}: ${finding.severity}, ${their.severity}`);
    else if (finding.fixed.length === 0 ? their.fixed.length > 0 : !their.fixed.includes(finding.fixed[0]!))
      add(finding.fixed.length === 0 ? 'several_intervals' : 'fix', label);
  }
  for (const [key, { vulnerability, purl }] of other)
    if (!ours.has(key)) add('version_order', `trivy ${vulnerability} ${purl}`);
  const count = Object.values(differences).reduce((sum, { length }) => sum + length, 0);
  return { equal: new Set([...ours.keys(), ...other.keys()]).size - count, differences };
}

/** By flaw, package and version, whatever the spelling; Trivy writes package URLs in lower case, and Go's versions with a `v`. */
function byKey(findings: readonly LanguageFinding[]): Map<string, LanguageFinding> {
  return new Map(
    findings.map((finding) => {
      const [, type = '', name = '', version = ''] = /^pkg:([^/]+)\/(.*)@([^?]*)/.exec(finding.purl)!;
      const own = ecosystemOf(type)!
        .nameOf({ name: decodeURIComponent(name) })
        .toLowerCase();
      const plain = decodeURIComponent(version).toLowerCase();
      return [
        `${finding.vulnerability} ${type} ${own} ${type === 'golang' ? plain.replace(/^v/, '') : plain}`,
        finding,
      ];
    }),
  );
}

function isUnreadable(purl: string): boolean {
  return purl.startsWith('pkg:composer/') && purl.endsWith('.rc1');
}
