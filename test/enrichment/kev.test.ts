import { describe, expect, it } from 'vitest';
import { source } from '../../src/enrichment/kev.ts';
import { findingCounts } from '../support/sources.ts';
import { fetchFrom, openMirror, readFrom } from './support/reading.ts';

const url = 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json';

const entry = (cveID: string, more: object = {}) => ({
  cveID,
  dateAdded: '2024-03-10',
  dueDate: '2024-03-31',
  knownRansomwareCampaignUse: 'Unknown',
  cwes: [],
  ...more,
});

function catalog(vulnerabilities: readonly object[], count: unknown = vulnerabilities.length): string {
  const dateReleased = '2026-01-29T20:24:37.0950Z';
  return JSON.stringify({ catalogVersion: '2026.01.29', dateReleased, count, vulnerabilities });
}

const read = async (text: string, ids: string[]) =>
  readFrom(source, await fetchFrom(source, openMirror({ [url]: text })), ids);

describe('KEV', () => {
  it('gives the days and ransomware use of entries that the feed speaks of, `cwes: []` included', async () => {
    const text = catalog([
      entry('CVE-2024-0001', { knownRansomwareCampaignUse: 'Known' }),
      entry('CVE-2024-0002', { dueDate: undefined }),
      entry('CVE-2024-0003'),
    ]);

    const { byId, collector } = await read(text, ['CVE-2024-0001', 'CVE-2024-0002']);

    expect(byId.get('CVE-2024-0001')?.exploited).toEqual({
      added: '2024-03-10',
      due: '2024-03-31',
      ransomware: true,
    });
    expect(byId.get('CVE-2024-0002')?.exploited).toEqual({ added: '2024-03-10' });
    const { records, used, dropped } = collector.ledger;
    expect({ records, used, dropped }).toEqual({ records: 3, used: 2, dropped: 1 });
    expect(findingCounts(collector.ledger)).toEqual({ '-not_in_feed': 1 });
    expect(collector.notes.dateOf('kev')).toBe('2026-01-29T20:24:37.095Z');
    expect(collector.notes.versionOf('kev')).toBe('2026.01.29');
  });

  it('counts entries that cannot be read, with their place', async () => {
    const text = catalog([
      entry('CVE-2024-0001'),
      entry('CVE-2024-0001'),
      entry('CVE-24-1'),
      entry('CVE-2024-0002', { dateAdded: 'soon' }),
      entry('CVE-2024-0003', { dateAdded: '2024-02-31' }),
    ]);

    const { collector } = await read(text, ['CVE-2024-0001']);

    expect(findingCounts(collector.ledger)).toEqual({ '-malformed_record': 4 });
    const examples = collector.ledger.findings()[0]?.examples ?? [];
    expect(examples.map(({ where }) => where)).toEqual([
      'kev#/vulnerabilities/1',
      'kev#/vulnerabilities/2/cveID',
      'kev#/vulnerabilities/3/dateAdded',
      'kev#/vulnerabilities/4/dateAdded',
    ]);
  });

  it.each([
    ['without its count', catalog([entry('CVE-2024-0001')]).replace('"count":1,', ''), 'SOURCE_MALFORMED'],
    ['with a count that does not fit', catalog([entry('CVE-2024-0001')], 2), 'SOURCE_MALFORMED'],
    ['with no entry', catalog([]), 'SOURCE_MALFORMED'],
    ['of entries of another form', catalog([{ ...entry('CVE-2024-0001'), cveID: 7 }]), 'SOURCE_MALFORMED'],
    ['without a date', catalog([entry('CVE-2024-0001')]).replace('2026-01-29T', 'x'), 'SOURCE_MALFORMED'],
    [
      'dated ahead',
      catalog([entry('CVE-2024-0001')]).replace('2026-01-29T', '9999-12-31T'),
      'SOURCE_MALFORMED',
    ],
    ['that is HTML', '<!doctype html><title>Sorry</title>', 'SOURCE_NOT_JSON'],
    ['that is cut', catalog([entry('CVE-2024-0001')]).slice(0, -9), 'SOURCE_NOT_JSON'],
  ])('refuses a catalog %s, and the last good one stays', async (_, bad, code) => {
    const mirror = openMirror({ [url]: catalog([entry('CVE-2024-0001')]) });
    const { store, snapshots } = await fetchFrom(source, mirror);
    mirror.put(url, bad);

    await expect(fetchFrom(source, mirror, store)).rejects.toMatchObject({ code });

    expect(await store.list('kev')).toEqual(snapshots);
  });
});
