import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTracker, type TrackerPair } from '../../../src/distros/debian/tracker.ts';
import { Ledger } from '../../../src/model/feed/index.ts';
import { bodyOf, findingCounts } from '../../support/sources.ts';
import { unreadCounts } from '../../support/unread.ts';

const good = { status: 'open', repositories: { bookworm: '1.0-1' }, urgency: 'low' };
const options = { input: 'debian-tracker', where: 'json' };

describe('parseTracker', () => {
  it('gives pairs with their rows', async () => {
    const ledger = new Ledger('debian');
    const document = {
      openssl: {
        'CVE-2023-0286': {
          description: 'in our words',
          scope: 'remote',
          debianbug: 1,
          releases: {
            bookworm: {
              status: 'resolved',
              repositories: { bookworm: '3.0.11-1', 'bookworm-security': '3.0.12-1' },
              fixed_version: '3.0.8-1',
              urgency: 'high**',
            },
            bullseye: {
              status: 'open',
              repositories: { bullseye: '1.1.1-1' },
              urgency: 'low',
              nodsa: 'a note',
              nodsa_reason: 'ignored',
            },
          },
        },
      },
      sysvinit: { 'TEMP-0517018-A83CE6': { releases: { sid: { ...good, nodsa: 'a note' } } } },
    };

    const pairs = await parse(document, ledger);

    expect(pairs).toEqual([
      {
        package: 'openssl',
        vulnerability: 'CVE-2023-0286',
        description: 'in our words',
        rows: [
          {
            release: 'bookworm',
            status: 'resolved',
            fixedVersion: '3.0.8-1',
            urgency: 'high**',
            versions: ['3.0.11-1', '3.0.12-1'],
          },
          {
            release: 'bullseye',
            status: 'open',
            urgency: 'low',
            nodsaReason: 'ignored',
            versions: ['1.1.1-1'],
          },
        ],
      },
      {
        package: 'sysvinit',
        vulnerability: 'TEMP-0517018-A83CE6',
        rows: [{ release: 'sid', status: 'open', urgency: 'low', nodsaReason: '', versions: ['1.0-1'] }],
      },
    ]);
    expect(ledger.findings()).toEqual([]);
  });

  it.each([
    { name: 'a package that is a list', value: { openssl: [] }, reason: 'wrong_type', place: '/openssl' },
    { name: 'a package that is null', value: { openssl: null }, reason: 'wrong_type', place: '/openssl' },
    {
      name: 'a pair that is text',
      value: { openssl: { 'CVE-2023-0286': 'x' } },
      reason: 'wrong_type',
      place: '/openssl/CVE-2023-0286',
    },
    {
      name: 'releases that are a number',
      value: { openssl: { 'CVE-2023-0286': { releases: 3 } } },
      reason: 'wrong_type',
      place: '/openssl/CVE-2023-0286/releases',
    },
    {
      name: 'a row that is a list',
      value: { openssl: { 'CVE-2023-0286': { releases: { bookworm: [] } } } },
      reason: 'wrong_type',
      place: '/openssl/CVE-2023-0286/releases/bookworm',
    },
    {
      name: 'a version that is a number',
      value: pairWith({ status: 'resolved', fixed_version: 0 }),
      reason: 'wrong_type',
      place: '/openssl/CVE-2023-0286/releases/bookworm/fixed_version',
    },
    {
      name: 'a status that is an object',
      value: pairWith({ status: {} }),
      reason: 'wrong_type',
      place: '/openssl/CVE-2023-0286/releases/bookworm/status',
    },
    {
      name: 'a row without status',
      value: pairWith({ urgency: 'low' }),
      reason: 'status_missing',
      place: '/openssl/CVE-2023-0286/releases/bookworm',
    },
    {
      name: 'releases that are an empty list: CVE-2022-0358 of chromium-browser',
      value: { 'chromium-browser': { 'CVE-2022-0358': { releases: [] } } },
      reason: 'no_releases',
      place: '/chromium-browser/CVE-2022-0358',
    },
    {
      name: 'no releases',
      value: { openssl: { 'CVE-2023-0286': {} } },
      reason: 'wrong_type',
      place: '/openssl/CVE-2023-0286/releases',
    },
    {
      name: 'an id of another kind',
      value: { openssl: { 'DSA-5343-1': { releases: { bookworm: good } } } },
      reason: 'unknown_vulnerability_id',
      place: '/openssl/DSA-5343-1',
    },
    {
      name: 'a name that is no source package',
      value: { '../etc/x': { 'CVE-2023-0286': { releases: { bookworm: good } } } },
      reason: 'bad_package_name',
      place: '/..~1etc~1x/CVE-2023-0286',
    },
  ])('drops $name, by JSON pointer, and goes on', async ({ value, reason, place }) => {
    const ledger = new Ledger('debian');

    const pairs = await parse(
      { ...value, zlib: { 'CVE-2022-37434': { releases: { bookworm: good } } } },
      ledger,
    );

    expect(pairs.at(-1)?.package).toBe('zlib');
    expect(pairs.flatMap(({ rows }) => rows)).toHaveLength(1);
    expect(ledger.findings()).toMatchObject([
      { reason, dropped: true, count: 1, examples: [{ where: `debian-tracker#${place}` }] },
    ]);
  });

  it.each([
    ['no releases', 'openssl', {}],
    ['null for releases', 'openssl', { releases: null }],
    ['an empty list of releases', 'openssl', { releases: [] }],
    ['releases without any', 'openssl', { releases: {} }],
    ['a name of another form', 'OpenSSL', { releases: { bookworm: good } }],
  ])('%s leaves no clean result for the package', async (_, name, pair) => {
    const ledger = new Ledger('debian');
    const platforms = new Map([['bookworm', 'debian-12']]);
    const document = bodyOf(JSON.stringify({ [name]: { 'CVE-2023-0286': pair } }), 7);
    expect(await drain(parseTracker(document, ledger, { ...options, platforms }))).toEqual([]);
    expect(unreadCounts(ledger, 'debian-12')).toEqual([[name, 1]]);
  });

  it('takes null for absent, as the exporter does', async () => {
    const nulls = {
      status: 'open',
      fixed_version: null,
      urgency: null,
      nodsa: null,
      nodsa_reason: null,
      repositories: null,
    };

    const [pair] = await parse(pairWith(nulls), new Ledger('debian'));

    expect(pair?.rows).toEqual([{ release: 'bookworm', status: 'open', versions: [] }]);
  });

  it('tells duplicate keys at every level by their pointer', async () => {
    const ledger = new Ledger('debian');
    const row = JSON.stringify(good);
    const text = `{"a1":{"CVE-2023-0286":{"releases":{"sid":${row},"sid":${row}}}},"b1":{},"b1":{}}`;

    await drain(parseTracker(bodyOf(text), ledger, options));

    expect(ledger.findings()).toMatchObject([
      {
        reason: 'duplicate_key',
        dropped: false,
        count: 2,
        examples: [
          { where: 'debian-tracker#/a1/CVE-2023-0286/releases/sid' },
          { where: 'debian-tracker#/b1' },
        ],
      },
    ]);
  });

  it('refuses a package without end', async () => {
    const parsing = drain(
      parseTracker(bodyOf(`{"a1": "${'x'.repeat(5000)}`), new Ledger('debian'), {
        ...options,
        maxMemberBytes: 4000,
      }),
    );

    await expect(parsing).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
  });

  it('never crashes, and accounts for every record of any JSON object', async () => {
    const key = fc.constantFrom(
      'openssl',
      'CVE-2023-0286',
      'releases',
      'bookworm',
      'status',
      'fixed_version',
      'x',
      '',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(null, 0, 1.5, '', 'open', 'resolved', [], true),
        fc.array(tie('tree'), { maxLength: 2 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, tree, { maxKeys: 4 }), async (document) => {
        const ledger = new Ledger('debian');

        const pairs = await parse(document, ledger);

        const rows = pairs.reduce((sum, pair) => sum + pair.rows.length, 0);
        expect(rows + ledger.dropped).toBe(recordCount(document));
      }),
    );
  });

  it('counts findings once each', async () => {
    const ledger = new Ledger('debian');

    await parse(
      {
        A: { 'CVE-2023-0286': { releases: { sid: good, bookworm: good } } },
        b1: { x: { releases: { sid: good } } },
      },
      ledger,
    );

    expect(findingCounts(ledger)).toEqual({ '-bad_package_name': 2, '-unknown_vulnerability_id': 1 });
  });
});

/** The records of a document, counted without the parser: rows, and what stands in the place of rows. */
function recordCount(document: Record<string, unknown>): number {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return Object.values(document).reduce((sum: number, pairs) => {
    if (!isObject(pairs)) return sum + 1;
    const counts = Object.values(pairs).map((pair) => {
      const releases = isObject(pair) ? pair['releases'] : undefined;
      return isObject(releases) ? Math.max(Object.keys(releases).length, 1) : 1;
    });
    return sum + counts.reduce((a, b) => a + b, 0);
  }, 0);
}

function pairWith(row: object): object {
  return { openssl: { 'CVE-2023-0286': { releases: { bookworm: row } } } };
}

function parse(document: object, ledger: Ledger): Promise<TrackerPair[]> {
  return drain(parseTracker(bodyOf(JSON.stringify(document), 7), ledger, options));
}

async function drain<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
