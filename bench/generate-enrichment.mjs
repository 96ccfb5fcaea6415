// Ratings, known exploitation and EPSS at full size in a mirror's layout: CVE records, NVD's feeds, KEV and EPSS.
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

export const fullSize = {
  records: 300_000,
  scores: 250_000,
  exploited: 1500,
  recordBytes: 6000,
  nvdBytes: 4000,
};

const firstYear = 2002;
const lastYear = 2026;
const cisaOrg = '134c704f-9b21-4f2e-91b3-4a467353bcc0';
const downloads = 'github.com/CVEProject/cvelistV5/releases/download';
const feeds = 'nvd.nist.gov/feeds/json/cve/2.0';

/** Writes the first night's documents for these ids, which a feed speaks of, and as many others. */
export function generateEnrichment(dir, spoken, size = fullSize) {
  const others = Array.from(
    { length: Math.max(0, size.records - spoken.length) },
    (_, at) => `CVE-${firstYear + (at % 25)}-${600_000 + Math.floor(at / 25)}`,
  );
  const ids = [...spoken, ...others].slice(0, size.records);
  const made = { dir, ids, size, day: '2026-11-24' };
  writeBaseline(made);
  writeNvd(made);
  writeKev(made);
  writeScores(made, 1);
  writeRelease(made, '2026-11-24');
  return made;
}

/** The next night: `changed` records and their NVD counterparts changed, every EPSS score moved. */
export function changeEnrichment(made, changed) {
  const step = Math.max(1, Math.floor(made.ids.length / changed));
  const ids = made.ids.filter((_, at) => at % step === 0).slice(0, changed);
  const files = ids.map((id, at) => [`deltaCves/${id}.json`, recordText(id, at + 7, made.size.recordBytes)]);
  writeZip(
    place(made, `${downloads}/cve_2026-11-24_at_end_of_day/2026-11-24_delta_CVEs_at_end_of_day.zip`),
    files,
  );
  writeRelease(made, '2026-11-25');
  writeFeed(
    made,
    'modified',
    ids.map((id, at) => nvdText(id, at + 7, made.size.nvdBytes, '2026-11-24T20:00:00.000')),
    '2026-11-25T03:00:00',
  );
  writeFeed(made, 'recent', [], '2026-11-25T03:00:00');
  writeScores(made, 2);
}

function place({ dir }, path) {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  return file;
}

function writeRelease(made, day) {
  const url = `https://${downloads}/cve_${day}_0000Z/${day}_all_CVEs_at_midnight.zip.zip`;
  const assets = [{ browser_download_url: url }];
  writeFileSync(
    place(made, 'api.github.com/repos/CVEProject/cvelistV5/releases/latest'),
    JSON.stringify({ assets }),
  );
}

function writeBaseline(made) {
  const path = place(made, `${downloads}/cve_${made.day}_0000Z/${made.day}_all_CVEs_at_midnight.zip.zip`);
  const inner = function* () {
    for (const [at, id] of made.ids.entries()) {
      const [, year, number] = id.split('-');
      yield [
        `cves/${year}/${Math.floor(number / 1000)}xxx/${id}.json`,
        recordText(id, at, made.size.recordBytes),
      ];
    }
  };
  writeZip(path, inner(), 'cves.zip');
}

const vectors = [
  [9.8, 'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'],
  [7.8, 'AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H'],
  [7.5, 'AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H'],
  [6.1, 'AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N'],
  [5.5, 'AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H'],
  [5.3, 'AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N'],
  [4.7, 'AV:L/AC:H/PR:L/UI:N/S:U/C:N/I:N/A:H'],
  [3.3, 'AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N'],
];

/** Even for each number, without a pattern in its neighbours. */
function spread(at, salt) {
  let mixed = Math.imul(at ^ (salt * 0x9e3779b9), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A score: of some hundred vectors, the common ones most often. */
function rating(at, salt) {
  const [score, vector] = vectors[spread(at, salt) % vectors.length];
  if (spread(at, salt + 1) % 3 > 0) return [score, vector];
  const metrics = vector.split('/');
  metrics[spread(at, salt + 2) % 2] = ['AV:A', 'AC:H'][spread(at, salt + 2) % 2];
  return [Math.round((score - 1 - (spread(at, salt + 3) % 15) / 10) * 10) / 10, metrics.join('/')];
}

function day(at, salt) {
  const text = (value) => String(value).padStart(2, '0');
  const pick = spread(at, salt);
  return `20${20 + (pick % 6)}-${text(1 + ((pick >>> 8) % 12))}-${text(1 + ((pick >>> 16) % 28))}`;
}

/** As real ones are: two of five have a score of their CNA, one of two has CISA's container. */
function recordText(id, at, bytes) {
  const metric = (salt) => {
    const [baseScore, vector] = rating(at, salt);
    return { cvssV3_1: { version: '3.1', baseScore, vectorString: `CVSS:3.1/${vector}` } };
  };
  const ssvc = {
    other: {
      type: 'ssvc',
      content: {
        id,
        options: [
          { Exploitation: spread(at, 11) % 12 === 0 ? 'poc' : 'none' },
          { Automatable: spread(at, 12) % 8 === 0 ? 'yes' : 'no' },
          { 'Technical Impact': spread(at, 13) % 4 === 0 ? 'total' : 'partial' },
        ],
        timestamp: `${day(at, 14)}T10:00:00Z`,
      },
    },
  };
  const cna = {
    providerMetadata: { orgId: 'x', shortName: 'x', dateUpdated: `${day(at, 15)}T00:00:00Z` },
    ...(spread(at, 16) % 3 === 0 && { title: `A flaw in part ${spread(at, 17) % 5000} of a program` }),
    descriptions: [{ lang: 'en', value: filler(at, 300) }],
    problemTypes: [
      { descriptions: [{ type: 'CWE', cweId: `CWE-${20 + (spread(at, 18) % 80) * 9}`, lang: 'en' }] },
    ],
    metrics: spread(at, 19) % 5 < 2 ? [metric(20)] : [],
    references: [{ url: `https://example.test/advisory/${id}` }],
    affected: [],
  };
  const adp =
    spread(at, 21) % 2 === 0
      ? [
          {
            title: 'CISA ADP Vulnrichment',
            providerMetadata: { orgId: cisaOrg, dateUpdated: `${day(at, 22)}T00:00:00Z` },
            metrics: spread(at, 23) % 3 === 0 ? [metric(24), ssvc] : [ssvc],
          },
        ]
      : [];
  const record = {
    dataType: 'CVE_RECORD',
    dataVersion: '5.1',
    cveMetadata: {
      cveId: id,
      state: spread(at, 25) % 20 === 0 ? 'REJECTED' : 'PUBLISHED',
      dateUpdated: `${day(at, 26)}T00:00:00.000Z`,
    },
    containers: { cna, adp },
  };
  // Product lists are the bulk of real records.
  while (cna.affected.length * 230 < bytes - 2400) cna.affected.push(product(at, cna.affected.length));
  return JSON.stringify(record, null, 4);
}

function product(at, index) {
  const version = `${spread(at, index) % 9}.${spread(at, index + 50) % 30}`;
  return {
    vendor: 'vendor',
    product: `product-${spread(at, 27) % 9999}`,
    versions: [{ version, status: 'affected' }],
  };
}

const words =
  'a flaw in the parser of crafted input leads to heap overflow use after free in kernel driver race remote attacker could read memory'.split(
    ' ',
  );

function filler(at, length) {
  let text = '';
  for (let word = 0; text.length < length; word++) text += `${words[spread(at, word + 100) % words.length]} `;
  return text;
}

function writeNvd(made) {
  for (let year = firstYear; year <= lastYear; year++) {
    const own = made.ids.flatMap((id, at) =>
      Math.max(firstYear, Number(id.slice(4, 8))) === year ? [nvdText(id, at, made.size.nvdBytes)] : [],
    );
    writeFeed(made, String(year), own);
  }
  writeFeed(made, 'modified', []);
  writeFeed(made, 'recent', []);
}

function nvdText(id, at, bytes, lastModified = `${day(at, 30)}T10:00:00.000`) {
  const [baseScore, vector] = rating(at, 31);
  const cvssData = { version: '3.1', vectorString: `CVSS:3.1/${vector}`, baseScore };
  const metrics =
    spread(at, 32) % 5 > 0
      ? {
          cvssMetricV31: [
            { source: 'nvd@nist.gov', type: 'Primary', cvssData },
            { source: 'x', type: 'Secondary', cvssData },
          ],
        }
      : {};
  const nodes = Array.from({ length: Math.floor((bytes - 1100) / 170) }, (_, node) => ({
    vulnerable: true,
    criteria: `cpe:2.3:a:vendor:product:${spread(at, node) % 99}.${node}:*:*:*:*:*:*:*`,
    matchCriteriaId: '00000000-0000-4000-8000-000000000000',
  }));
  const weaknesses = [
    {
      source: 'nvd@nist.gov',
      type: 'Primary',
      description: [{ lang: 'en', value: `CWE-${20 + (spread(at, 18) % 80) * 9}` }],
    },
  ];
  const descriptions = [{ lang: 'en', value: filler(at, 300) }];
  return JSON.stringify({
    cve: {
      id,
      lastModified,
      vulnStatus: 'Analyzed',
      descriptions,
      metrics,
      weaknesses,
      configurations: [{ nodes }],
    },
  });
}

function writeFeed(made, name, records, time = '2026-11-24T03:00:00') {
  const head = `{"resultsPerPage":${records.length},"startIndex":0,"totalResults":${records.length},"format":"NVD_CVE","version":"2.0"`;
  const text = Buffer.from(`${head},"timestamp":"${time}.000","vulnerabilities":[${records.join(',')}]}`);
  const digest = createHash('sha256').update(text).digest('hex').toUpperCase();
  writeFileSync(place(made, `${feeds}/nvdcve-2.0-${name}.json.gz`), gzipSync(text, { level: 1 }));
  writeFileSync(
    place(made, `${feeds}/nvdcve-2.0-${name}.meta`),
    `lastModifiedDate:${time}-05:00\nsize:${text.length}\nsha256:${digest}\n`,
  );
}

function writeKev(made) {
  const step = Math.max(1, Math.floor(made.ids.length / made.size.exploited));
  const vulnerabilities = made.ids
    .filter((_, at) => at % step === 0)
    .slice(0, made.size.exploited)
    .map((cveID, at) => ({
      cveID,
      dateAdded: day(at, 40),
      dueDate: day(at, 41),
      knownRansomwareCampaignUse: spread(at, 42) % 5 === 0 ? 'Known' : 'Unknown',
      cwes: [],
    }));
  const catalog = {
    catalogVersion: '2026.11.24',
    dateReleased: '2026-11-24T10:00:00.0000Z',
    count: vulnerabilities.length,
    vulnerabilities,
  };
  writeFileSync(
    place(made, 'www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json'),
    JSON.stringify(catalog),
  );
}

/** Probabilities spread as FIRST's are: nine of ten below 0.1, 11 bits each. */
function writeScores(made, night) {
  const scores = made.ids.slice(0, made.size.scores).map((id, at) => {
    const even = (spread(at, night) % 1_000_003) / 1_000_003;
    return { id, probability: Math.min(0.99999, 0.00002 + 0.9 * even ** 6 + 0.006 * even) };
  });
  const order = scores.map(({ probability }) => probability).sort((a, b) => a - b);
  const rows = scores.map(({ id, probability }) => {
    let low = 0;
    for (let high = order.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (order[middle] <= probability) low = middle + 1;
      else high = middle;
    }
    return `${id},${Number(probability.toFixed(5))},${Number((low / order.length).toFixed(5))}`;
  });
  const head = `#model_version:v2025.03.14,score_date:2026-11-${23 + night}T12:55:00Z\ncve,epss,percentile\n`;
  const file = place(made, 'epss.empiricalsecurity.com/epss_scores-current.csv.gz');
  writeFileSync(file, gzipSync(`${head}${rows.join('\n')}\n`, { level: 6 }));
}

/** A zip64 archive; with `inside` one that holds it under this name, stored. */
function writeZip(path, files, inside) {
  const fd = openSync(path, 'w');
  const prefix = inside === undefined ? 0 : 30 + inside.length;
  let at = prefix;
  let sum = 0;
  let count = 0;
  const directory = [];
  const put = (bytes) => {
    writeSync(fd, bytes, 0, bytes.length, at);
    at += bytes.length;
    sum = crc32(bytes, sum);
  };
  let pending = [];
  let size = 0;
  const flush = () => {
    put(Buffer.concat(pending));
    pending = [];
    size = 0;
  };
  for (const [name, text] of files) {
    const plain = Buffer.from(text);
    const packed = deflateRawSync(plain, { level: 1 });
    directory.push(central(name, plain, packed.length, at + size - prefix, 8));
    const entry = Buffer.concat([local(name, plain, packed.length, 8), packed]);
    pending.push(entry);
    size += entry.length;
    count += 1;
    if (size > 1 << 22) flush();
  }
  flush();
  const start = at - prefix;
  put(Buffer.concat(directory));
  put(end(count, at - prefix - start, start));
  if (inside !== undefined) {
    const length = at - prefix;
    const header = local(inside, undefined, length, 0);
    header.writeUInt32LE(sum, 14);
    writeSync(fd, header, 0, header.length, 0);
    const entry = central(inside, undefined, length, 0, 0);
    entry.writeUInt32LE(sum, 16);
    const outer = Buffer.concat([entry, end(1, entry.length, at)]);
    writeSync(fd, outer, 0, outer.length, at);
  }
  closeSync(fd);
}

function local(name, plain, packed, method) {
  const header = Buffer.alloc(30 + name.length);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(plain ? crc32(plain) : 0, 14);
  header.writeUInt32LE(packed, 18);
  header.writeUInt32LE(plain?.length ?? packed, 22);
  header.writeUInt16LE(name.length, 26);
  header.write(name, 30, 'latin1');
  return header;
}

function central(name, plain, packed, offset, method) {
  const header = Buffer.alloc(46 + name.length);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(method, 10);
  header.writeUInt32LE(plain ? crc32(plain) : 0, 16);
  header.writeUInt32LE(packed, 20);
  header.writeUInt32LE(plain?.length ?? packed, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(offset, 42);
  header.write(name, 46, 'latin1');
  return header;
}

function end(count, size, offset) {
  const bytes = Buffer.alloc(98);
  bytes.writeUInt32LE(0x06064b50, 0);
  bytes.writeBigUInt64LE(44n, 4);
  bytes.writeBigUInt64LE(BigInt(count), 24);
  bytes.writeBigUInt64LE(BigInt(count), 32);
  bytes.writeBigUInt64LE(BigInt(size), 40);
  bytes.writeBigUInt64LE(BigInt(offset), 48);
  bytes.writeUInt32LE(0x07064b50, 56);
  bytes.writeBigUInt64LE(BigInt(offset + size), 64);
  bytes.writeUInt32LE(1, 72);
  bytes.writeUInt32LE(0x06054b50, 76);
  bytes.writeUInt16LE(0xffff, 84);
  bytes.writeUInt16LE(0xffff, 86);
  bytes.writeUInt32LE(0xffffffff, 88);
  bytes.writeUInt32LE(0xffffffff, 92);
  return bytes;
}
