import { describe, expect, it } from 'vitest';
import { debianDefinition } from '../../../src/distros/debian/definition.ts';
import { findingCounts } from '../../support/sources.ts';
import { unreadCounts } from '../../support/unread.ts';
import { pair, readWorld } from './world.ts';

const fixed = (version: string) => ({
  status: 'resolved',
  fixed_version: version,
  urgency: 'not yet assigned',
});
const open = { status: 'open', urgency: 'not yet assigned' };

describe('statements', () => {
  it('name platform, evidence and advisories', async () => {
    const sink = await readWorld({
      tracker: pair('openssl', 'CVE-2023-5363', { bookworm: fixed('3.0.11-1~deb12u2'), sid: open }),
      dsa: '[24 Oct 2023] DSA-5532-1 openssl - security update\n\t{CVE-2023-5363}\n\t[bookworm] - openssl 3.0.11-1~deb12u2\n',
    });

    expect(sink.statements).toEqual([
      {
        vulnerability: 'CVE-2023-5363',
        platform: 'debian-12',
        package: 'openssl',
        status: 'fixed',
        fixed: '3.0.11-1~deb12u2',
        severity: 'unknown',
        advisories: ['DSA-5532-1'],
        evidence: 'debian-tracker#/{package}/{vulnerability}/releases/bookworm',
      },
      {
        vulnerability: 'CVE-2023-5363',
        platform: 'debian-sid',
        package: 'openssl',
        status: 'affected',
        fixState: 'none_yet',
        severity: 'unknown',
        evidence: 'debian-tracker#/{package}/{vulnerability}/releases/sid',
      },
    ]);
    expect(sink.advisories).toEqual([
      {
        id: 'DSA-5532-1',
        date: '2023-10-24',
        title: 'openssl - security update',
        url: 'https://security-tracker.debian.org/tracker/DSA-5532-1',
      },
    ]);
    expect(sink.vulnerabilities).toEqual([{ id: 'CVE-2023-5363', description: 'in our words' }]);
  });

  it('of a release that feeds/ does not know are dropped', async () => {
    const sink = await readWorld({
      tracker: pair('p1', 'CVE-2023-5363', { bookworm: open, experimental: open }),
    });

    expect(sink.statements).toHaveLength(1);
    expect(findingCounts(sink.ledger)).toMatchObject({ '-release_not_configured': 1 });
  });

  it.each(['Bookworm', 'BOOKWORM', ' bookworm'])(
    'of the release %j leave no clean result for its package',
    async (release) => {
      const sink = await readWorld({
        tracker: {
          ...pair('p1', 'CVE-2023-5363', { bookworm: open }),
          ...pair('p2', 'CVE-2023-0001', { [release]: open }),
        },
      });

      expect(sink.statements).toHaveLength(1);
      expect(findingCounts(sink.ledger)).toMatchObject({ '-release_misspelt': 1 });
      expect(unreadCounts(sink.ledger, 'debian-12')).toEqual([['p2', 1]]);
      expect(unreadCounts(sink.ledger, 'debian-13')).toEqual([]);
    },
  );
});

/** The tracker's version is the threshold: a later revision may be a regression fix or a better fix. */
describe('several revisions of an advisory', () => {
  const connman = [
    '[10 Oct 2022] DLA-3144-1 connman - security update',
    '\t{CVE-2022-32293}',
    '\t[buster] - connman 1.36-2.1~deb10u4',
    '[13 Sep 2022] DLA-3105-1 connman - security update',
    '\t{CVE-2022-32292 CVE-2022-32293}',
    '\t[buster] - connman 1.36-2.1~deb10u3',
    '',
  ].join('\n');
  const cryptography = [
    '[27 Feb 2023] DLA-3331-2 python-cryptography - regression update',
    '\t{CVE-2023-23931}',
    '\t[buster] - python-cryptography 2.6.1-3+deb10u4',
    '[21 Feb 2023] DLA-3331-1 python-cryptography - security update',
    '\t{CVE-2023-23931}',
    '\t[buster] - python-cryptography 2.6.1-3+deb10u3',
    '',
  ].join('\n');
  const apache = [
    '[16 Oct 2019] DSA-4509-3 apache2 - security update',
    '\t{CVE-2019-10092}',
    '\t[stretch] - apache2 2.4.25-3+deb9u9',
    '\t[buster] - apache2 2.4.38-3+deb10u3',
    '[26 Aug 2019] DSA-4509-1 apache2 - security update',
    '\t{CVE-2019-10092}',
    '\t[stretch] - apache2 2.4.25-3+deb9u8',
    '\t[buster] - apache2 2.4.38-3+deb10u1',
    '',
  ].join('\n');

  it.each([
    {
      id: 'CVE-2019-10092',
      name: 'apache2',
      lists: { dsa: apache },
      tracker: '2.4.38-3+deb10u1',
      advisories: ['DSA-4509-1', 'DSA-4509-3'],
    },
    {
      id: 'CVE-2023-23931',
      name: 'python-cryptography',
      lists: { dla: cryptography },
      tracker: '2.6.1-3+deb10u3',
      advisories: ['DLA-3331-1', 'DLA-3331-2'],
    },
    {
      id: 'CVE-2022-32293',
      name: 'connman',
      lists: { dla: connman },
      tracker: '1.36-2.1~deb10u3',
      advisories: ['DLA-3105-1', 'DLA-3144-1'],
    },
  ])(
    '$id $name: the tracker’s version is the threshold',
    async ({ id, name, lists, tracker, advisories }) => {
      const sink = await readWorld({ tracker: pair(name, id, { buster: fixed(tracker) }), ...lists });

      expect(
        sink.statements.find(
          (statement) => statement.vulnerability === id && statement.platform === 'debian-10',
        ),
      ).toMatchObject({
        fixed: tracker,
        advisories,
      });
      expect(findingCounts(sink.ledger)['fixed_version_disagrees']).toBeUndefined();
    },
  );

  it.each([
    {
      id: 'CVE-2019-10092',
      name: 'apache2',
      lists: { dsa: apache },
      highest: '2.4.38-3+deb10u3',
      place: 'debian-dsa#DSA-4509-3/{package}/buster',
    },
    {
      id: 'CVE-2023-23931',
      name: 'python-cryptography',
      lists: { dla: cryptography },
      highest: '2.6.1-3+deb10u4',
      place: 'debian-dla#DLA-3331-2/{package}/buster',
    },
    {
      id: 'CVE-2022-32293',
      name: 'connman',
      lists: { dla: connman },
      highest: '1.36-2.1~deb10u4',
      place: 'debian-dla#DLA-3144-1/{package}/buster',
    },
  ])(
    '$id $name in a release gone from the tracker: the highest, marked',
    async ({ id, name, lists, highest, place }) => {
      const sink = await readWorld({ tracker: pair('other', 'CVE-2023-5363', { bookworm: open }), ...lists });

      expect(
        sink.statements.find(
          (statement) => statement.vulnerability === id && statement.platform === 'debian-10',
        ),
      ).toMatchObject({
        package: name,
        status: 'fixed',
        fixed: highest,
        marks: ['advisory_list_only'],
        evidence: place,
      });
    },
  );

  it.each([
    ['open, with a fix in the next point release', { ...open, next_point_update: true }, 'affected none_yet'],
    [
      'resolved by a version that no repository has yet',
      { ...fixed('8.4-1+deb12u1'), repositories: { bookworm: '8.4-1', 'bookworm-security': '8.4-1' } },
      'fixed 8.4-1+deb12u1',
    ],
  ])('pending point release (next-point-update.txt): %s', async (_, row, said) => {
    const sink = await readWorld({ tracker: pair('demo', 'CVE-2026-0001', { bookworm: row }) });

    expect(
      sink.statements.map(({ status, fixed: version, fixState }) => `${status} ${version ?? fixState}`),
    ).toEqual([said]);
  });

  it('CVE-2024-21096: a source is open under its old name where the new one is fixed', async () => {
    const sink = await readWorld({
      tracker: {
        ...pair('mariadb', 'CVE-2024-21096', {
          bookworm: fixed('1:10.11.11-0+deb12u1'),
          sid: fixed('1:10.11.8-1'),
        }),
        ...pair('mariadb-10.5', 'CVE-2024-21096', {
          bullseye: { ...open, nodsa: 'Minor issue', nodsa_reason: '' },
        }),
      },
    });

    const said = sink.statements.map(({ platform, package: name, status, fixed: version, reason }) =>
      [platform, name, status, version ?? reason].join(' '),
    );
    expect(said.filter((row) => !row.startsWith('debian-sid'))).toEqual([
      'debian-12 mariadb fixed 1:10.11.11-0+deb12u1',
      'debian-11 mariadb-10.5 affected minor',
    ]);
  });

  it('a version that no advisory names is a finding, and the tracker’s stays', async () => {
    const sink = await readWorld({
      tracker: pair('connman', 'CVE-2022-32293', { buster: fixed('1.36-2.1~deb10u5') }),
      dla: connman,
    });

    expect(sink.statements.find(({ vulnerability }) => vulnerability === 'CVE-2022-32293')?.fixed).toBe(
      '1.36-2.1~deb10u5',
    );
    expect(findingCounts(sink.ledger)).toMatchObject({ fixed_version_disagrees: 2 });
  });

  it('an advisory for what the tracker calls open is a finding, and the row stays open', async () => {
    const sink = await readWorld({
      tracker: pair('connman', 'CVE-2022-32293', { buster: open }),
      dla: connman,
    });

    expect(sink.statements[0]).toMatchObject({ status: 'affected', fixState: 'none_yet' });
    expect(sink.statements[0]).not.toHaveProperty('advisories');
    expect(findingCounts(sink.ledger)).toMatchObject({ '-fixed_version_disagrees': 2 });
  });
});

describe('what only the lists know', () => {
  const inBookworm = pair('other', 'CVE-2023-5363', { bookworm: open });

  it.each([
    { tag: 'not-affected', claim: { status: 'not_affected', reason: 'vulnerable_code_not_present' } },
    { tag: 'end-of-life', claim: { status: 'affected', fixState: 'end_of_life', reason: 'package' } },
    { tag: 'unfixed', claim: { status: 'affected', fixState: 'none_yet' } },
  ])('<$tag> is a status, never a version', async ({ tag, claim }) => {
    const sink = await readWorld({
      tracker: inBookworm,
      dsa: `[01 Jan 2020] DSA-9-1 vlc\n\t{CVE-2019-0001}\n\t[stretch] - vlc <${tag}> (note)\n`,
    });

    expect(sink.statements.filter(({ platform }) => platform === 'debian-9')).toMatchObject([
      { vulnerability: 'CVE-2019-0001', package: 'vlc', ...claim, marks: ['advisory_list_only'] },
    ]);
  });

  it('is told of a dead release although the tracker still has some rows of it', async () => {
    const sink = await readWorld({
      tracker: { ...inBookworm, ...pair('xz-utils', 'CVE-2022-1271', { stretch: open }) },
      dsa: [
        '[01 Jan 2020] DSA-9-1 vlc',
        '\t{CVE-2019-0001}',
        '\t[stretch] - vlc 3.0-1',
        '[01 Jan 2019] DSA-8-1 xz-utils',
        '\t{CVE-2022-1271}',
        '\t[stretch] - xz-utils 5.2-1',
        '',
      ].join('\n'),
    });

    // The tracker's rows come before others.
    expect(sink.statements.filter(({ platform }) => platform === 'debian-9')).toEqual([
      expect.objectContaining({ package: 'xz-utils', status: 'affected' }),
      expect.objectContaining({ package: 'vlc', fixed: '3.0-1', marks: ['advisory_list_only'] }),
    ]);
  });

  it.each([
    ['a dead release of which the tracker has some rows', { stretch: open }, [['vlc', 1]]],
    ['a release in support, where the tracker decides', { bookworm: open }, []],
  ])('a fix that cannot be read leaves no clean result of %s', async (_, releases, expected) => {
    const codename = Object.keys(releases)[0]!;
    const sink = await readWorld({
      tracker: pair('other', 'CVE-2023-5363', releases),
      dsa: `[01 Jan 2020] DSA-9-1 vlc\n\t{CVE-2019-0001}\n\t[${codename}] - vlc kernel-image\n`,
    });

    const platform = codename === 'stretch' ? 'debian-9' : 'debian-12';
    expect(sink.statements).toHaveLength(1);
    expect(unreadCounts(sink.ledger, platform)).toEqual(expected);
  });

  it('an advisory without a CVE stands for its own flaw: DSA-4323-1 drupal7', async () => {
    const sink = await readWorld({
      tracker: inBookworm,
      dsa: '[18 Oct 2018] DSA-4323-1 drupal7 - security update\n\t[stretch] - drupal7 7.52-2+deb9u5\n',
    });

    expect(sink.statements).toContainEqual(
      expect.objectContaining({
        vulnerability: 'DSA-4323-1',
        platform: 'debian-9',
        fixed: '7.52-2+deb9u5',
        advisories: ['DSA-4323-1'],
      }),
    );
  });

  it.each([
    { name: 'a row that the tracker lacks', line: '[bookworm] - vlc 3.0-1', reason: '-advisory_row_absent' },
    {
      name: 'a release in support that the tracker lacks',
      line: '[trixie] - vlc 3.0-1',
      reason: '-release_absent',
    },
    {
      name: 'a release before all that feeds/ has',
      line: '[potato] - vlc 0.1-1',
      reason: '-release_not_configured',
    },
    {
      name: 'a version that dpkg could not read',
      line: '[stretch] - vlc kernel-image',
      reason: '-absurd_version',
    },
    { name: 'a tag of another kind', line: '[stretch] - vlc <itp>', reason: '-advisory_tag' },
  ])('$name is no statement', async ({ line, reason }) => {
    const sink = await readWorld({
      tracker: inBookworm,
      dsa: `[01 Jan 2020] DSA-9-1 vlc\n\t{CVE-2019-0001}\n\t${line}\n`,
    });

    expect(sink.statements).toHaveLength(1);
    expect(findingCounts(sink.ledger)).toMatchObject({ [reason]: 1 });
  });
});

describe('platforms', () => {
  const everywhere = pair('p1', 'CVE-2023-5363', {
    buster: open,
    bullseye: open,
    bookworm: open,
    forky: open,
    sid: open,
  });

  it('are the releases that have statements, by number or name', async () => {
    const sink = await readWorld({ tracker: everywhere });

    expect(sink.platforms.map(({ platform: { id, aliases, os } }) => ({ id, aliases, os }))).toEqual([
      { id: 'debian-10', aliases: ['buster'], os: { id: 'debian', version: '10', codename: 'buster' } },
      { id: 'debian-11', aliases: ['bullseye'], os: { id: 'debian', version: '11', codename: 'bullseye' } },
      { id: 'debian-12', aliases: ['bookworm'], os: { id: 'debian', version: '12', codename: 'bookworm' } },
      { id: 'debian-14', aliases: ['forky', 'testing'], os: { id: 'debian', codename: 'forky' } },
      { id: 'debian-sid', aliases: ['sid', 'unstable'], os: { id: 'debian', codename: 'sid' } },
    ]);
  });

  it.each([
    { date: '2026-08-31', marked: ['debian-10'] },
    { date: '2026-09-01', marked: ['debian-10', 'debian-11'] },
    { date: '2028-07-01', marked: ['debian-10', 'debian-11', 'debian-12'] },
  ])('past LTS on $date keep their last state, marked', async ({ date, marked }) => {
    const sink = await readWorld({ tracker: everywhere, date });

    expect(sink.statements).toHaveLength(5);
    const ended = sink.platforms.filter(({ data }) => data.marks?.includes('release_end_of_life'));
    expect(ended.map(({ platform }) => platform.id)).toEqual(marked);
  });

  it('a release that feeds/ lists and the tracker lacks is a finding, not an empty platform', async () => {
    const sink = await readWorld({ tracker: pair('p1', 'CVE-2023-5363', { bookworm: open }) });

    expect(sink.platforms.map(({ platform }) => platform.id)).toEqual(['debian-12']);
    const absent = sink.ledger.findings().find(({ reason }) => reason === 'release_absent');
    expect(absent?.examples.map(({ where }) => where)).toContain('feeds/debian.json#trixie');
  });

  it('have the roster of their indexes: newest versions, every binary', async () => {
    const sink = await readWorld({
      tracker: everywhere,
      packages: {
        bookworm:
          'Package: libssl3\nSource: openssl\nVersion: 3.0.17-1~deb12u2\n\nPackage: dmsetup\nSource: lvm2 (2.03.16-2)\nVersion: 2:1.02.185-2\n',
        'bookworm-updates': '',
        'bookworm-security':
          'Package: libssl3\nSource: openssl\nVersion: 3.0.17-1~deb12u3\n\nPackage: openssl\nVersion: 3.0.17-1~deb12u3\n',
      },
    });

    const { roster, inputs } = sink.platforms.find(({ platform }) => platform.id === 'debian-12')!.data;
    expect([...roster!]).toEqual([
      ['lvm2', { version: '2.03.16-2', binaries: [{ name: 'dmsetup', version: '2:1.02.185-2' }] }],
      [
        'openssl',
        {
          version: '3.0.17-1~deb12u3',
          binaries: [
            { name: 'libssl3', version: '3.0.17-1~deb12u3' },
            { name: 'openssl', version: '3.0.17-1~deb12u3' },
          ],
        },
      ],
    ]);
    expect(inputs).toEqual([
      'debian-tracker',
      'debian-dsa',
      'debian-dla',
      'debian-packages-bookworm-main-amd64',
      'debian-packages-bookworm-updates-main-amd64',
      'debian-packages-bookworm-security-main-amd64',
    ]);
  });

  it("name the sources that they ship themselves with another release's suffix", async () => {
    const sink = await readWorld({
      tracker: everywhere,
      packages: {
        bookworm:
          'Package: exim4\nVersion: 4.96-15+deb13u1\n\nPackage: curl\nVersion: 7.88.1-10+deb12u8\n\nPackage: bash\nVersion: 5.2.15-2\n',
        'bookworm-updates': '',
        'bookworm-security': '',
      },
    });

    const { data } = sink.platforms.find(({ platform }) => platform.id === 'debian-12')!;
    expect(data.ownDespiteSuffix).toEqual(['exim4']);
  });

  it('without indexes have no roster, which is a finding and a mark', async () => {
    const sink = await readWorld({ tracker: pair('p1', 'CVE-2023-5363', { bookworm: open }) });

    expect(sink.platforms[0]?.data.roster).toBeUndefined();
    expect(sink.platforms[0]?.data.marks).toEqual(['no_package_list']);
    expect(findingCounts(sink.ledger)).toMatchObject({ package_indexes_missing: 1 });
  });
});

describe('a document that reads badly', () => {
  const rows = (bad: number, good: number) => {
    const pairs = Array.from({ length: bad + good }, (_, at) => [
      `CVE-2023-${10_000 + at}`,
      { releases: { bookworm: at < bad ? { ...open, status: 'new-word' } : open } },
    ]);
    return { p1: Object.fromEntries(pairs) };
  };

  it('is used while the share of bad records is small', async () => {
    const sink = await readWorld({ tracker: rows(26, 2600) });

    expect(sink.ledger).toMatchObject({ used: 2600 });
  });

  it('is refused above the budget', async () => {
    await expect(readWorld({ tracker: rows(27, 2600) })).rejects.toMatchObject({
      code: 'SOURCE_OVER_BUDGET',
      message: 'expected at most 1 % malformed records, found 27 of 2627',
    });
  });

  it('has the budget that feeds/debian.json says', async () => {
    const sink = await readWorld({ tracker: rows(27, 100) }, { ...debianDefinition, malformedShare: 0.5 });

    expect(findingCounts(sink.ledger)).toMatchObject({ '-unknown_status': 27 });
  });

  it.each(['{}', '{"openssl": {}}'])('that says nothing (%s) is refused', async (tracker) => {
    await expect(readWorld({ tracker })).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });
});
