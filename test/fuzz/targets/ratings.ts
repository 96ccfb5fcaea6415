import { gzipSync } from 'node:zlib';
import { createSource as cveRecords } from '../../../src/enrichment/cve-records/index.ts';
import { source as epss } from '../../../src/enrichment/epss.ts';
import { source as kev } from '../../../src/enrichment/kev.ts';
import { createSource as nvdFeeds } from '../../../src/enrichment/nvd/index.ts';
import type { AssessmentSource } from '../../../src/sources/contract.ts';
import { anyId, fetchFrom, openMirror, readFrom } from '../../enrichment/support/reading.ts';
import { zipOf } from '../../support/zip.ts';
import { damageBytes, damageJson } from '../mutate.ts';
import type { Target } from '../target.ts';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const vector = 'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const cvss = { version: '3.1', baseScore: 9.8, vectorString: `CVSS:3.1/${vector}` };
const cisa = { orgId: '134c704f-9b21-4f2e-91b3-4a467353bcc0', dateUpdated: '2024-05-06T00:00:00Z' };

const record = (id: string) => ({
  dataType: 'CVE_RECORD',
  dataVersion: '5.1',
  cveMetadata: { cveId: id, state: 'PUBLISHED', dateUpdated: '2026-01-20T00:00:00.000Z' },
  containers: {
    cna: {
      providerMetadata: { orgId: 'x', dateUpdated: '2024-05-06T00:00:00Z' },
      title: 'a flaw',
      descriptions: [{ lang: 'en', value: 'what it is' }],
      references: [{ url: 'https://example.test/1' }],
      metrics: [{ cvssV3_1: cvss }],
      problemTypes: [{ descriptions: [{ cweId: 'CWE-79' }] }],
    },
    adp: [
      {
        providerMetadata: cisa,
        metrics: [
          { cvssV3_1: cvss },
          {
            other: {
              type: 'ssvc',
              content: {
                options: [{ Exploitation: 'none' }, { Automatable: 'no' }, { 'Technical Impact': 'total' }],
                timestamp: '2024-10-17T10:00:00Z',
              },
            },
          },
          { other: { type: 'kev', content: { dateAdded: '2024-02-03' } } },
        ],
      },
    ],
  },
});
const ids = Array.from({ length: 30 }, (_, at) => `CVE-2024-${1000 + at}`);
const entryOf = (id: string) => `cves/2024/1xxx/${id}.json`;
const archive = (files: Readonly<Record<string, string | Buffer>>) =>
  zipOf([{ name: 'cves.zip', content: zipOf(files), stored: true }]);
const records = Object.fromEntries(ids.map((id) => [entryOf(id), JSON.stringify(record(id))]));

const nvdRecord = (id: string) => ({
  cve: {
    id,
    lastModified: '2026-01-10T10:00:00.000',
    vulnStatus: 'Analyzed',
    metrics: { cvssMetricV31: [{ source: 'nvd@nist.gov', type: 'Primary', cvssData: cvss }] },
    weaknesses: [{ source: 'nvd@nist.gov', description: [{ lang: 'en', value: 'CWE-79' }] }],
  },
});
const feed = (vulnerabilities: readonly object[]) => ({
  totalResults: vulnerabilities.length,
  format: 'NVD_CVE',
  version: '2.0',
  timestamp: '2026-01-29T03:00:00.000',
  vulnerabilities,
});
const catalog = {
  catalogVersion: '2026.01.29',
  dateReleased: '2026-01-29T10:00:00.0000Z',
  count: 2,
  vulnerabilities: ids.slice(0, 2).map((cveID) => ({
    cveID,
    dateAdded: '2024-02-03',
    dueDate: '2024-03-03',
    knownRansomwareCampaignUse: 'Known',
    cwes: [],
  })),
};
const scores = Buffer.from(
  `#model_version:v2025.03.14,score_date:2026-01-30T12:55:00Z\ncve,epss,percentile\n${ids.map((id, at) => `${id},${at % 3 ? 0.00123 : '1e-05'},0.5\n`).join('')}`,
);

/** Fetches and reads documents as a build does; of a record that is not used there must be a finding. */
async function account(
  source: AssessmentSource,
  documents: Readonly<Record<string, Uint8Array>>,
): Promise<string> {
  const { collector } = await readFrom(source, await fetchFrom(source, openMirror(documents)), anyId);
  const { records: all, used, dropped } = collector.ledger;
  const told = collector.ledger
    .findings()
    .filter((finding) => finding.dropped)
    .reduce((sum, { count }) => sum + count, 0);
  if (told !== dropped) throw new Error(`${dropped} of ${all} records are not used, ${told} are told`);
  return `${used} of ${all}`;
}

const latest = 'https://api.example/latest';
const downloads = 'https://files.example/download';
const baseline = `${downloads}/cve_2026-01-30_0000Z/2026-01-30_all_CVEs_at_midnight.zip.zip`;
const releases = json({ assets: [{ browser_download_url: baseline }] });
const cveSource = cveRecords({ latest, downloads, deltaDays: 3 });
const nvdBase = 'https://nvd.example/feeds';
const nvdSource = nvdFeeds({ feeds: nvdBase, firstYear: 2026, updates: [], fullDays: 7 });
const nvdFeed = `${nvdBase}/nvdcve-2.0-2026.json.gz`;
const kevUrl = 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json';
const epssUrl = 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz';

export const ratingTargets: readonly Target[] = [
  {
    name: 'cve-record',
    seeds: async () => ({ record: json(record('CVE-2024-0001')) }),
    mutate: damageJson,
    run: (input) =>
      account(cveSource, {
        [latest]: releases,
        [baseline]: archive({ ...records, [entryOf('CVE-2024-0001')]: input }),
      }),
  },
  {
    name: 'cve-archive',
    seeds: async () => ({
      archive: archive(records),
      small: archive(Object.fromEntries(Object.entries(records).slice(0, 3))),
    }),
    mutate: damageBytes,
    run: (input) => account(cveSource, { [latest]: releases, [baseline]: input }),
  },
  {
    name: 'cve-release',
    seeds: async () => ({ releases }),
    mutate: damageJson,
    run: (input) => account(cveSource, { [latest]: input, [baseline]: archive(records) }),
  },
  {
    name: 'nvd-feed',
    seeds: async () => ({ feed: json(feed(ids.map(nvdRecord))), small: json(feed([nvdRecord(ids[0]!)])) }),
    mutate: damageJson,
    run: (input) => account(nvdSource, { [nvdFeed]: gzipSync(input) }),
  },
  {
    name: 'kev',
    seeds: async () => ({ catalog: json(catalog) }),
    mutate: damageJson,
    run: (input) => account(kev, { [kevUrl]: input }),
  },
  {
    name: 'epss',
    seeds: async () => ({ scores }),
    mutate: damageBytes,
    run: (input) => account(epss, { [epssUrl]: gzipSync(input) }),
  },
];
