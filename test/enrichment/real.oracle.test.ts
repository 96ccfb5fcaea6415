import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createSource as cveRecords } from '../../src/enrichment/cve-records/index.ts';
import { parseScores } from '../../src/enrichment/epss.ts';
import { parseCatalog } from '../../src/enrichment/kev.ts';
import { parseMeta } from '../../src/enrichment/nvd/fetch.ts';
import { createSource as nvd } from '../../src/enrichment/nvd/index.ts';
import { dataPath, hasData } from '../support/data.ts';
import { findingCounts } from '../support/sources.ts';
import { zipOf } from '../support/zip.ts';
import { anyId, fetchFrom, openMirror, readFrom } from './support/reading.ts';

function filesBelow(folder: string, form: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => form.test(name))
    .sort()
    .map((name) => join(folder, name));
}

describe.skipIf(!hasData('enrichment'))('the readers on all real documents', () => {
  it('1,986 CVE records: every one is read; the words of SSVC, ratings of both sources and the two rejected ids come out', async () => {
    const folder = dataPath('enrichment/cvelistV5');
    const files = filesBelow(folder, /\.json$/).map((path) => ({
      name: path.slice(folder.length + 1),
      content: readFileSync(path),
    }));
    const downloads = 'https://files.example';
    const url = `${downloads}/cve_2024-10-24_0000Z/2024-10-24_all_CVEs_at_midnight.zip.zip`;
    const latest = 'https://api.example/latest';
    const source = cveRecords({ latest, downloads, deltaDays: 14 });
    const mirror = openMirror({
      [latest]: JSON.stringify({ assets: [{ browser_download_url: url }] }),
      [url]: zipOf([{ name: 'cves.zip', content: zipOf(files) }]),
    });

    const { byId, collector } = await readFrom(source, await fetchFrom(source, mirror), anyId);

    expect(collector.ledger).toMatchObject({ records: 1986, used: 1986 });
    expect(findingCounts(collector.ledger)).toEqual({
      rejected: 2,
    });
    const all = [...byId.values()];
    const count = (test: (one: (typeof all)[number]) => unknown) => all.filter(test).length;
    expect({
      rejected: count(({ rejected }) => rejected),
      ssvc: count(({ ssvc }) => ssvc),
      active: count(({ ssvc }) => ssvc?.exploitation === 'active'),
      poc: count(({ ssvc }) => ssvc?.exploitation === 'poc'),
      exploited: count(({ exploited }) => exploited),
      both: count(({ ratings }) => new Set(ratings.map(({ source: of }) => of)).size === 2),
      unrated: count(({ ratings }) => ratings.length === 0),
    }).toEqual({
      active: 17,
      both: 2,
      exploited: 17,
      poc: 183,
      rejected: 2,
      ssvc: 1984,
      unrated: 1132,
    });
  });

  it('the whole EPSS file of a day and one of each era: every row is read, 2,455 in exponent notation', () => {
    const names = filesBelow(dataPath('mirror/epss.empiricalsecurity.com'), /\.csv\.gz$/);
    for (const path of names) {
      const text = gunzipSync(readFileSync(path)).toString('latin1');
      const { scores, refused } = parseScores(text, path);
      const rows = text.split('\n').filter((line) => line.startsWith('CVE-'));
      expect({ path, scores: scores.length, refused }).toEqual({ path, scores: rows.length, refused: [] });
      if (path.includes('2026-01-30')) {
        expect(rows).toHaveLength(313_089);
        expect(rows.filter((row) => row.includes('e-'))).toHaveLength(2455);
      }
    }
    expect(names.length).toBeGreaterThanOrEqual(5);
  });

  it('the odd EPSS files: one with another header and one without a date are refused', () => {
    const odd = filesBelow(dataPath('enrichment/epss'), /\.csv(?:\.gz)?$/);
    const outcome = (path: string) => {
      const bytes = readFileSync(path);
      const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
      try {
        return parseScores(text, path).scores.length > 0;
      } catch {
        return false;
      }
    };
    expect(odd.length).toBeGreaterThan(0);
    expect(odd.map(outcome)).toContain(false);
  });

  it('KEV of two dates: every entry is read, 97 are new', () => {
    const read = (path: string) => parseCatalog(readFileSync(path, 'utf8'), path);
    const later = read(
      dataPath('mirror/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json'),
    );
    const earlier = read(dataPath('enrichment/kev/cisagov+kev-data/known_exploited_vulnerabilities.json'));

    expect([earlier.entries.length, later.entries.length]).toEqual([1404, 1501]);
    expect([...earlier.refused, ...later.refused]).toEqual([]);
    expect(later.entries.filter(({ ransomware }) => ransomware)).toHaveLength(308);
    const known = new Set(earlier.entries.map(({ id }) => id));
    expect(later.entries.filter(({ id }) => !known.has(id))).toHaveLength(97);
  });

  it('NVD: the feeds and pages are read whole', async () => {
    const feeds = 'https://nvd.example';
    const real = dataPath('mirror/nvd.nist.gov/feeds/json/cve/2.0');
    const pages = filesBelow(dataPath('enrichment/nvd'), /\.json$/)
      .map(
        (path) => JSON.parse(readFileSync(path, 'utf8')) as { format?: string; vulnerabilities?: object[] },
      )
      .filter(({ format }) => format === 'NVD_CVE')
      .flatMap(({ vulnerabilities = [] }) => vulnerabilities);
    const together = {
      format: 'NVD_CVE',
      version: '2.0',
      totalResults: pages.length,
      timestamp: '2026-01-01T00:00:00.000',
      vulnerabilities: pages,
    };
    const source = nvd({ feeds, firstYear: 2002, updates: ['modified'], fullDays: 7 });
    const mirror = openMirror({
      [`${feeds}/nvdcve-2.0-2003.json.gz`]: gzipSync(JSON.stringify(together)),
      ...Object.fromEntries(
        ['2002', '2021', 'modified'].map((name) => [
          `${feeds}/nvdcve-2.0-${name}.json.gz`,
          readFileSync(join(real, `nvdcve-2.0-${name}.json.gz`)),
        ]),
      ),
    });

    const { collector, byId } = await readFrom(source, await fetchFrom(source, mirror), anyId);

    const { '-other_version_used': _, ...counts } = findingCounts(collector.ledger);
    expect(counts).toEqual({
      digest_missing: 4,
      rejected: 2,
      year_missing: 17,
    });
    expect({
      pages: pages.length,
      records: collector.ledger.records,
      ids: byId.size,
    }).toEqual({
      ids: 23,
      pages: 36,
      records: 45,
    });
  });

  it('the .meta of a feed', () => {
    const path = dataPath('enrichment/nvd/quay+claircore/enricher/cvss/testdata/feed.meta');

    expect(parseMeta(readFileSync(path, 'utf8'), path)).toMatchObject({
      modified: '2025-08-07T07:01:41.000Z',
      size: 66_078_439,
      sha256: expect.stringMatching(/^d165e29d/) as string,
    });
  });
});
