// The sample's CVE records and NVD feeds: facts of scripts/sample/cve-records.tsv and cvss.tsv in the sources' own layouts.
import { createHash } from 'node:crypto';
import { gzip } from './gzip.mjs';
import { zip } from './zip.mjs';

const releases = 'github.com/CVEProject/cvelistV5/releases/download';
const feeds = 'nvd.nist.gov/feeds/json/cve/2.0';
const baseline = `${releases}/cve_2026-01-30_0000Z/2026-01-30_all_CVEs_at_midnight.zip.zip`;
const nvdTime = '2026-01-29T03:00:00.000';
const cisa = '134c704f-9b21-4f2e-91b3-4a467353bcc0';

const assigners = {
  Chrome: 'ebfee0ef-53dd-4cf3-9e2a-08a5bd7a7e28',
  CPANSec: '9b29abf9-4ab0-4765-b253-1875cd9b441e',
  curl: '2499f714-1537-4658-8207-48ae4bb9eae9',
  debian: '79363d38-fa19-49d1-9214-5f28da3f3ac5',
  glibc: '3ff69d7a-14f2-4f67-a097-88dee7810d18',
  hackerone: '36234546-b8fa-4601-9d6f-f4e334aa8ea1',
  mitre: '8254265b-2729-46b6-b9e3-3dfca2d5bfca',
  openssl: '3a12439a-ef3a-4c79-92e6-6081a721f1e5',
  redhat: '53f830b8-0a3f-465b-8143-3b8a9948e749',
};

/** Files of the mirror by path, from rows of cve-records.tsv and cvss.tsv. */
export function ratingFiles(records, scores) {
  const inner = {};
  for (const row of records) {
    const [, year, number] = row[0].split('-');
    const folder = `${number.slice(0, -3) || '0'}xxx`;
    const own = scores.filter(([id]) => id === row[0]);
    inner[`cves/${year}/${folder}/${row[0]}.json`] = `${JSON.stringify(record(row, own))}\n`;
  }
  const files = { [baseline]: zip({ 'cves.zip': zip(inner) }) };
  const nvd = scores.filter(([, by]) => by === 'nvd');
  const years = new Set(nvd.map(([id]) => id.slice(4, 8)));
  for (const year of years)
    Object.assign(
      files,
      feed(
        year,
        nvd.filter(([id]) => id.startsWith(`CVE-${year}-`)),
      ),
    );
  return { ...files, ...feed('modified', []), ...feed('recent', []) };
}

function record([id, assigner, published, updated, ownUpdate, cisaUpdate, ...decisions], scores) {
  const assignerOrgId = assigners[assigner];
  const by = (who) => scores.find(([, source]) => source === who) ?? [];
  const [exploitation, automatable, impact, timestamp, knownSince] = decisions;
  const options = [
    { Exploitation: exploitation },
    { Automatable: automatable },
    { 'Technical Impact': impact },
  ];
  const ssvc = { id, role: 'CISA Coordinator', options, version: '2.0.3', timestamp };
  const reference = `https://www.cisa.gov/known-exploited-vulnerabilities-catalog?search_api_fulltext=${id}`;
  return {
    dataType: 'CVE_RECORD',
    dataVersion: '5.1',
    cveMetadata: {
      cveId: id,
      state: 'PUBLISHED',
      assignerOrgId,
      assignerShortName: assigner,
      datePublished: published,
      dateUpdated: updated,
    },
    containers: {
      cna: {
        providerMetadata: { orgId: assignerOrgId, shortName: assigner, dateUpdated: ownUpdate },
        metrics: metrics(by('cna')),
        problemTypes: weaknesses(by('cna')),
      },
      adp: [
        {
          providerMetadata: { orgId: cisa, shortName: 'CISA-ADP', dateUpdated: cisaUpdate },
          metrics: [
            ...metrics(by('cisa')),
            { other: { type: 'ssvc', content: ssvc } },
            ...(knownSince
              ? [{ other: { type: 'kev', content: { dateAdded: knownSince, reference } } }]
              : []),
          ],
          problemTypes: weaknesses(by('cisa')),
        },
      ],
    },
  };
}

function metrics([, , score, vectorString]) {
  if (!vectorString) return [];
  const { version, key } = versionOf(vectorString);
  const baseScore = Number(score);
  return [{ [key]: { version, baseScore, baseSeverity: word(baseScore), vectorString } }];
}

function weaknesses([, , , , cweId]) {
  return cweId ? [{ descriptions: [{ type: 'CWE', cweId, lang: 'en', description: cweId }] }] : [];
}

function feed(name, rows) {
  const vulnerabilities = rows.map(([id, , score, vectorString, weakness]) => {
    const { version } = versionOf(vectorString);
    const by = { source: 'nvd@nist.gov', type: 'Primary' };
    return {
      cve: {
        id,
        sourceIdentifier: 'cve@mitre.org',
        published: `${id.slice(4, 8)}-12-31T00:00:00.000`,
        lastModified: '2024-11-21T08:00:00.000',
        vulnStatus: 'Modified',
        descriptions: [],
        metrics: {
          [`cvssMetricV${version.replace('.', '').replace('20', '2')}`]: [
            { ...by, cvssData: { version, vectorString, baseScore: Number(score) } },
          ],
        },
        weaknesses: weakness ? [{ ...by, description: [{ lang: 'en', value: weakness }] }] : [],
      },
    };
  });
  const text = JSON.stringify({
    resultsPerPage: rows.length,
    startIndex: 0,
    totalResults: rows.length,
    format: 'NVD_CVE',
    version: '2.0',
    timestamp: nvdTime,
    vulnerabilities,
  });
  const packed = gzip(text);
  const sha256 = createHash('sha256').update(text).digest('hex').toUpperCase();
  const path = `${feeds}/nvdcve-2.0-${name}`;
  return {
    [`${path}.json.gz`]: packed,
    [`${path}.meta`]: `lastModifiedDate:2026-01-28T22:00:00-05:00\nsize:${text.length}\nzipSize:0\ngzSize:${packed.length}\nsha256:${sha256}\n`,
  };
}

function versionOf(vector) {
  const [, version = '2.0'] = /^CVSS:(\d\.\d)\//.exec(vector) ?? [];
  return { version, key: `cvssV${version.replace('.', '_')}` };
}

function word(score) {
  return score < 4 ? 'LOW' : score < 7 ? 'MEDIUM' : score < 9 ? 'HIGH' : 'CRITICAL';
}
