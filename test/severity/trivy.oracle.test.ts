import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { writeSampleImage } from '../../scripts/sample-image.mjs';
import type { Assessment, Rating, Severity } from '../../src/model/feed/index.ts';
import type { ViewedVerdict } from '../../src/model/verdict/index.ts';
import { type BoltTree, readBolt } from '../export/read-bolt.ts';
import { type TrivyFinding, trivyFindingsIn } from '../prove-exports/trivy.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { tableOf } from '../support/doc-table.ts';
import { npmCommand } from '../support/oracles.ts';
import { bookworm, type SmallPlatform, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type Bucket, writeTrivyBuckets } from '../support/trivy-db.ts';

/** NVD's metrics of a CVE, as its documents have them: with NVD's own word for each score. */
interface NvdMetric {
  source: string;
  baseSeverity?: string;
  cvssData: { version?: string; baseScore: number; vectorString: string; baseSeverity?: string };
}
type NvdMetrics = Partial<
  Record<'cvssMetricV40' | 'cvssMetricV31' | 'cvssMetricV30' | 'cvssMetricV2', NvdMetric[]>
>;

interface Finding {
  id: string;
  package: string;
  severity: Severity;
  source: string;
  suppressed: string;
  cvss?: { version: string; score: number };
}

const causes = tableOf('docs/severity.md', 'cause').map(({ cause }) => cause!);
const seen = new Set<string>();

describe.skipIf(npmCommand('trivy') === undefined)(
  'real Trivy with the same NVD data gives the same severities, but for the causes in docs/severity.md',
  () => {
    it('on the sample image, with the documents of NVD in the sample', () => {
      const folder = temporaryFolder();
      const feed = join(folder, 'feed');
      const built = scapfeed([
        ...[
          'build',
          '--source',
          'debian,cve-records,nvd,kev,epss',
          '--mirror',
          join(project, 'feeds/sample'),
        ],
        ...['--unsigned-mirror', '--snapshots', join(folder, 'snapshots'), '--no-oval', '--out', feed],
      ]);
      expect(built.code, built.err).toBe(0);
      writeSampleImage(join(folder, 'image'));

      const { compared, equal } = compare(`oci:${join(folder, 'image')}:sample`, feed, sampleDocuments(), [
        ...['image', '--input', join(folder, 'image')],
      ]);

      expect(compared).toBeGreaterThan(30);
      expect(equal).toBeGreaterThan(10);
    });

    it.skipIf(!hasData('enrichment/nvd'))(
      'on flaws whose real documents of NVD we have, by the words in them',
      () => {
        const documents = nvdDocuments(
          readdirSync(dataPath('enrichment/nvd'), { recursive: true, encoding: 'utf8' }).map((name) =>
            dataPath('enrichment/nvd', name),
          ),
        );
        const ids = [...documents.keys()];
        const statements = ids.map((id) => ({
          ...({ vulnerability: id, package: 'a', status: 'affected', fixState: 'none_yet' } as const),
        }));
        const assessments = ids.map((id): Assessment => {
          const own = newestOfNvd(documents.get(id)!).map(({ cvssData }) =>
            rating('nvd', cvssData.version as Rating['version'], cvssData.baseScore),
          );
          return { id, ratings: own.slice(0, 1) };
        });
        const feed = writeSmallFeed([{ platform: bookworm, statements }], undefined, assessments);

        const { compared, equal } = compare(rootOf('a'), feed, documents, ['rootfs', rootOf('a')]);

        expect(compared).toBeGreaterThan(30);
        expect(equal).toBe(compared);
      },
    );

    it('for each rule', () => {
      const flaws = rules.map((rule, at) => ({ id: `CVE-2024-${10_000 + at}`, ...rule }));
      const statements: SmallPlatform['statements'] = flaws.map(({ id, vendor }) => ({
        vulnerability: id,
        package: 'a',
        status: 'affected',
        fixState: 'none_yet',
        ...vendor,
      }));
      const assessments = flaws.map(
        ({ id, nvd = [], others = [], rejected }): Assessment => ({
          id,
          ratings: [...nvd.map(([version, score]) => rating('nvd', version, score)), ...others],
          ...(rejected && { rejected }),
        }),
      );
      const feed = writeSmallFeed([{ platform: bookworm, statements }], undefined, assessments);
      const root = rootOf('a');
      const documents = new Map(flaws.map(({ id, nvd = [] }) => [id, nvdMetrics(nvd)]));

      const { compared, equal } = compare(root, feed, documents, ['rootfs', root]);

      expect(compared).toBe(rules.length);
      expect(equal).toBeGreaterThan(rules.length / 2);
      expect([...seen].sort()).toEqual([...causes].sort());
    });
  },
);

type Score = [version: Rating['version'], score: number];

interface Rule {
  vendor?: { severity?: Severity; suppressed?: 'unimportant'; reason?: string };
  nvd?: Score[];
  others?: Rating[];
  rejected?: true;
}

/** Each word of the distribution with and without NVD, each scale of NVD at its borders, and who comes after NVD. */
const rules: Rule[] = [
  ...(['low', 'medium', 'high'] as const).flatMap((severity) => [
    { vendor: { severity } },
    { vendor: { severity }, nvd: [['3.1', 9.8] satisfies Score] },
  ]),
  { vendor: { severity: 'negligible', suppressed: 'unimportant' }, nvd: [['3.1', 9.8]] },
  { vendor: { reason: 'minor' }, nvd: [['3.1', 9.8]] },
  ...(['4.0', '3.1', '3.0'] as const).flatMap((version) =>
    [0, 0.1, 3.9, 4, 6.9, 7, 8.9, 9, 10].map((score) => ({ nvd: [[version, score] satisfies Score] })),
  ),
  ...[0, 3.9, 4, 6.9, 7, 10].map((score) => ({ nvd: [['2.0', score] satisfies Score] })),
  {
    nvd: [
      ['4.0', 5.1],
      ['3.1', 9.8],
      ['2.0', 10],
    ],
  },
  {
    nvd: [
      ['3.1', 4.4],
      ['3.0', 9.8],
    ],
  },
  {
    nvd: [
      ['3.0', 5.5],
      ['2.0', 10],
    ],
  },
  { nvd: [['3.1', 6.5]], others: [rating('cisa', '3.1', 9.8), rating('cna', '3.1', 3.1)] },
  { others: [rating('cisa', '3.1', 7.5)] },
  { others: [rating('cna', '4.0', 9.3)] },
  { rejected: true },
  {},
];

function rating(source: Rating['source'], version: Rating['version'], score: number): Rating {
  return { source, version, score, vector: version === '2.0' ? 'AV:N' : `CVSS:${version}/AV:N` };
}

function nvdMetrics(scores: readonly Score[]): NvdMetrics {
  const keys = {
    '4.0': 'cvssMetricV40',
    '3.1': 'cvssMetricV31',
    '3.0': 'cvssMetricV30',
    '2.0': 'cvssMetricV2',
  } as const;
  return Object.fromEntries(
    scores.map(([version, baseScore]) => [
      keys[version],
      [{ source: 'nvd@nist.gov', cvssData: { version, baseScore, vectorString: 'AV:N' } }],
    ]),
  );
}

/** NVD's word for a score; ours leave it out, and NVD has two scales. */
function wordOf({ baseSeverity, cvssData }: NvdMetric): string {
  const given = cvssData.baseSeverity ?? baseSeverity;
  if (given !== undefined) return given;
  const { version, baseScore } = cvssData;
  if (version !== '2.0' && baseScore === 0) return 'NONE';
  if (version !== '2.0' && baseScore >= 9) return 'CRITICAL';
  return baseScore >= 7 ? 'HIGH' : baseScore >= 4 ? 'MEDIUM' : 'LOW';
}

function sampleDocuments(): Map<string, NvdMetrics> {
  const folder = join(project, 'feeds/sample/nvd.nist.gov/feeds/json/cve/2.0');
  return nvdDocuments(readdirSync(folder).map((name) => join(folder, name)));
}

function rootOf(name: string): string {
  return rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    // Trivy takes Debian's release from it.
    'etc/debian_version': '12.7\n',
    'var/lib/dpkg/status': stanza(name, '1'),
  });
}

/** The metrics of all CVEs in documents of NVD, whole feeds and single ones. */
function nvdDocuments(files: readonly string[]): Map<string, NvdMetrics> {
  const found = new Map<string, NvdMetrics>();
  for (const file of files.filter((name) => /\.json(?:\.gz)?$/.test(name)).sort()) {
    const bytes = readFileSync(file);
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    JSON.parse(text, (_, value) => {
      const { id, metrics } = (value ?? {}) as { id?: unknown; metrics?: NvdMetrics };
      if (typeof id === 'string' && id.startsWith('CVE-') && metrics && !Array.isArray(metrics))
        found.set(id, metrics);
      return value;
    });
  }
  return found;
}

function newestOfNvd(metrics: NvdMetrics): NvdMetric[] {
  return (['cvssMetricV40', 'cvssMetricV31', 'cvssMetricV30', 'cvssMetricV2'] as const).flatMap(
    (key) => metrics[key]?.find(({ source }) => source === 'nvd@nist.gov') ?? [],
  );
}

/** Puts the findings of a scan beside those of Trivy; every difference must have one of the listed causes. */
function compare(image: string, feed: string, nvd: ReadonlyMap<string, NvdMetrics>, trivy: string[]) {
  const ours = scanned(image, feed);
  const work = temporaryFolder();
  writeDatabase(feed, nvd, ours, work);
  const theirs = new Map(
    trivyFindingsIn(trivy, work).map((finding) => [`${finding.VulnerabilityID} ${finding.PkgName}`, finding]),
  );
  const differences = ours.flatMap((finding) => {
    const other = theirs.get(`${finding.id} ${finding.package}`);
    if (other?.Severity === finding.severity.toUpperCase()) return [];
    if (other?.Severity === 'UNKNOWN' && finding.severity === 'unknown') return [];
    return { finding, other, cause: causeOf(finding, other) };
  });
  expect(differences.filter(({ cause }) => cause === undefined || !causes.includes(cause))).toEqual([]);
  for (const { cause } of differences) seen.add(cause!);
  return { compared: ours.length, equal: ours.length - differences.length };
}

function causeOf({ severity, source, suppressed, cvss }: Finding, other?: TrivyFinding): string | undefined {
  const said = other?.Severity;
  if (suppressed === 'unimportant' && severity === 'negligible' && said === 'LOW') return 'unimportant';
  if (said !== 'UNKNOWN') return undefined;
  if (source === 'nvd' && cvss?.score === 0) return 'score_zero';
  return source === 'cisa' || source === 'cna' ? 'no_rating_of_nvd' : undefined;
}

function scanned(image: string, feed: string): Finding[] {
  const { out, err } = scapfeed(['scan', image, '--feed', feed, '--max-age', '0', '--all', '-o', 'json']);
  expect(err).toBe('');
  const { verdicts } = JSON.parse(out) as { verdicts: ViewedVerdict[] };
  return verdicts
    .filter(({ status }) => status === 'affected')
    .map(({ vulnerability, package: pkg, severity, severitySource = '', suppressed = '', cvss }) => ({
      id: vulnerability,
      package: pkg.name,
      severity,
      source: severitySource,
      suppressed,
      ...(cvss && { cvss }),
    }));
}

/**
 * The rows of our export, and what is said of vulnerabilities as trivy-db makes it of NVD's documents: NVD's own word for its
 * newest score, nothing of others.
 */
function writeDatabase(
  feed: string,
  nvd: ReadonlyMap<string, NvdMetrics>,
  ours: readonly Finding[],
  work: string,
): void {
  const exports = join(work, 'exports');
  expect(scapfeed(['export', '--feed', feed, '--to', 'trivy', '--out', exports]).code).toBe(0);
  const { vulnerability: _, ...rows } = readBolt(readFileSync(join(exports, 'trivy/trivy.db')));
  const details = ours.map(({ id }) => [id, detailOf(id, nvd.get(id) ?? {})] as const);
  mkdirSync(join(work, 'trivy-cache'), { recursive: true });
  writeTrivyBuckets(join(work, 'trivy-cache'), {
    ...bucketOf(rows),
    vulnerability: Object.fromEntries(details),
  });
}

function detailOf(id: string, metrics: NvdMetrics): Buffer {
  const [own] = newestOfNvd(metrics);
  const level = own ? levels.indexOf(wordOf(own)) : 0;
  return Buffer.from(
    JSON.stringify({ Title: id, Severity: 'UNKNOWN', ...(level > 0 && { VendorSeverity: { nvd: level } }) }),
  );
}

const levels = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

function bucketOf(tree: BoltTree): Bucket {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [
      key,
      typeof value === 'string' ? Buffer.from(value) : bucketOf(value),
    ]),
  );
}
