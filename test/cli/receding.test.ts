import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/feed/index.ts';
import { type AmazonWorld, writeAmazonMirror } from '../distros/amazon/world.ts';
import { rootWith, scapfeed } from '../support/cli.ts';
import { rpmHeader } from '../support/rpm-header.ts';
import { rpmSqlite } from '../support/rpm-sqlite.ts';
import { temporaryFolder } from '../support/temporary.ts';
import type { MadeUpdate } from '../support/updateinfo.ts';

/** Updates of so many packages, the newest of one day. */
function updates(count: number, day = '2026-11-20'): MadeUpdate[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `ALAS2-2026-${at + 1}`,
    cves: [`CVE-2026-${1000 + at}`],
    packages: [`p${at}-1.2-3.amzn2.x86_64`],
    issued: `${at === 0 ? day : '2026-01-01'} 10:00:00`,
  }));
}

/** An operator's folders, and a mirror that changes from night to night. */
function operator() {
  const folder = temporaryFolder();
  const mirror = join(folder, 'mirror');
  const feed = join(folder, 'feed');
  return {
    feed,
    night(core: readonly MadeUpdate[], ...more: string[]) {
      rmSync(mirror, { recursive: true, force: true });
      cpSync(writeAmazonMirror({ '2 core': core }), mirror, { recursive: true });
      const places = ['--mirror', mirror, '--snapshots', join(folder, 'snapshots'), '--out', feed];
      const built = scapfeed([
        'build',
        '--source',
        'amazon',
        '--no-ratings',
        '--no-oval',
        ...places,
        ...more,
      ]);
      const { platforms, sources } = manifestOf(feed);
      return { ...built, platform: platforms[0]!, source: sources[0]! };
    },
  };
}

describe('a source for which only its server vouches', () => {
  it('is taken as it comes on the first night, as there is nothing to compare', () => {
    expect(operator().night(updates(10))).toMatchObject({ code: 0, err: '', platform: { statements: 10 } });
  });

  it.each([
    {
      what: 'has fewer than 90 % of its rows',
      core: updates(267, '2026-11-21'),
      says: 'amzn-2 has 267 rows, and had 300; at least 90 % are expected',
    },
    {
      what: 'is of an older date, however many rows it has',
      core: updates(400, '2026-11-19'),
      says: 'amazon-updateinfo-2-core is of 2026-11-19T10:00:00Z, and was of 2026-11-20T10:00:00Z',
    },
  ])(
    'that $what keeps its last good data until it has recovered, and each night says so',
    ({ core, says }) => {
      const { night, feed } = operator();
      expect(night(updates(300))).toMatchObject({ code: 0, platform: { statements: 300 } });

      for (const again of [[], ['--offline'], []]) {
        const held = night(core, ...again);
        expect(held.code).toBe(3);
        expect(held.err).toContain(`${says} [SOURCE_RECEDED]`);
        expect(held.out).toContain('its platforms use the last good data, of 2026-11-20T10:00:00Z');
        expect(held.platform).toMatchObject({
          statements: 300,
          updated: '2026-11-20T10:00:00Z',
          marks: ['channel_absent', 'fixes_only', 'last_good_input', 'no_package_list'],
        });
        expect(held.source).toMatchObject({ used: 300, failed: 'SOURCE_RECEDED' });
        expect(held.source.findings).toContainEqual(
          expect.objectContaining({ reason: 'last_good_input', count: 3, dropped: false }),
        );
      }
      const image = rootWith({
        'etc/os-release': 'ID="amzn"\nVERSION_ID="2"\n',
        'var/lib/rpm/rpmdb.sqlite': rpmSqlite([
          rpmHeader({
            name: 'p299',
            version: '1.0',
            release: '1.amzn2',
            arch: 'x86_64',
            vendor: 'Amazon.com',
          }),
        ]),
      });
      const scan = scapfeed(['scan', `dir:${image}`, '--feed', feed, '--max-age', '0']);
      expect(scan.out).toMatch(/made from the last good data[\s\S]*CVE-2026-1299/);

      expect(night(updates(300, '2026-11-22'))).toMatchObject({
        code: 0,
        err: '',
        platform: {
          statements: 300,
          updated: '2026-11-22T10:00:00Z',
          marks: ['channel_absent', 'fixes_only', 'no_package_list'],
        },
      });
    },
  );

  it('is not held to a date in the future, which nothing would ever reach', () => {
    const { night } = operator();
    night(updates(300, '2026-11-20'));
    expect(night(updates(300, '2099-01-01')).platform.updated).toBe('2099-01-01T10:00:00Z');
    // Updates of the previous night still count.
    const older = night(updates(300, '2026-11-19'));
    expect(older.err).toContain('is of 2026-11-19T10:00:00Z, and was of 2026-11-20T10:00:00Z');
    expect(night(updates(300, '2026-11-21'))).toMatchObject({
      code: 0,
      platform: {
        updated: '2026-11-21T10:00:00Z',
        marks: ['channel_absent', 'fixes_only', 'no_package_list'],
      },
    });
  });

  it('may lose a tenth, as vendors withdraw rows', () => {
    const { night } = operator();
    night(updates(300));
    expect(night(updates(270))).toMatchObject({ code: 0, platform: { statements: 270 } });
  });

  it('has no floor of rows with few, which a release that begins has', () => {
    const { night } = operator();
    night(updates(150));
    expect(night(updates(100))).toMatchObject({ code: 0, platform: { statements: 100 } });
  });

  it('with --strict leaves the last feed as it is', () => {
    const { night } = operator();
    night(updates(300));
    const held = night(updates(200), '--strict');
    expect(held).toMatchObject({ code: 3, platform: { statements: 300 }, source: { used: 300 } });
    expect(held.platform.marks).not.toContain('last_good_input');
  });

  it('is compared with all that it had, whichever platform was built', () => {
    const { night } = operator();
    night(updates(300));
    night(updates(300), '--platform', 'amzn-2');
    expect(night(updates(200))).toMatchObject({ code: 3, platform: { statements: 300 } });
  });
});

describe('a release that the last feed had', () => {
  const both = { '2 core': updates(300), '2023 core': updates(20) };
  const steady = { '2 core': updates(300) };

  function nights() {
    const folder = temporaryFolder();
    const feed = join(folder, 'feed');
    return (world: AmazonWorld, snapshots = 'snapshots') => {
      const places = [
        '--mirror',
        writeAmazonMirror(world),
        '--snapshots',
        join(folder, snapshots),
        '--out',
        feed,
      ];
      const built = scapfeed(['build', '--source', 'amazon', '--no-ratings', '--no-oval', ...places]);
      const { platforms } = manifestOf(feed);
      return {
        ...built,
        platforms: platforms.map(({ id, statements }) => [id, statements]),
        marked: platforms.at(-1)!.marks,
      };
    };
  }
  const whole = [
    ['amzn-2', 300],
    ['amzn-2023', 20],
  ];

  it.each([
    { what: 'the server has it no more', world: steady },
    { what: 'its repository has no list of updates any more', world: { ...steady, '2023 core': undefined } },
  ])('keeps its last good data, marked, when $what', ({ world }) => {
    const night = nights();
    expect(night(both)).toMatchObject({ code: 0, platforms: whole });
    for (const _ of [1, 2]) {
      const kept = night(world);
      expect(kept).toMatchObject({ code: 0, platforms: whole });
      expect(kept.marked).toContain('last_good_input');
      expect(kept.out).toContain('last good input, as at amazon-updateinfo-2023-core (FETCH_NOT_FOUND)');
    }
    expect(night(both).marked).not.toContain('last_good_input');
  });

  it('keeps it, with exit code 3, when its document is without a row', () => {
    const night = nights();
    night(both);
    for (const _ of [1, 2]) {
      const held = night({ ...steady, '2023 core': [] });
      expect(held).toMatchObject({ code: 3, platforms: whole });
      expect(held.err).toContain('amzn-2023 has no data, and had 20 rows [SOURCE_RECEDED]');
      expect(held.marked).toContain('last_good_input');
    }
    expect(night(both)).toMatchObject({ code: 0, err: '', platforms: whole });
  });

  it.each([
    {
      what: 'there are no snapshots to keep it from',
      world: steady,
      lost: 'amzn-2023 has 0 statements, 20 before',
      other: 'anew',
    },
    {
      what: 'it is past its end of life',
      world: { '2 core': [], '2023 core': updates(20) },
      lost: 'amzn-2 has 0 statements, 300 before',
    },
  ])('is missed on stderr and with exit code 3 when $what', ({ world, lost, other }) => {
    const night = nights();
    night(both);
    const without = night(world, other);
    expect(without.code).toBe(3);
    expect(without.err).toContain(`${lost}, in the last feed [INPUT_SHRANK]`);
    expect(without.platforms).toHaveLength(1);
    expect(night(world, other)).toMatchObject({ code: 0, err: '' });
  });
});

describe('a source that could be read and has had nothing new for longer than usual', () => {
  const stuck = updates(3, '2026-11-05');
  const system = (name: string, version: string) =>
    rootWith({
      'etc/os-release': `ID="amzn"\nVERSION_ID="${version}"\n`,
      'var/lib/rpm/rpmdb.sqlite': rpmSqlite([
        rpmHeader({ name, version: '1.0', release: '1.amzn2023', arch: 'x86_64', vendor: 'Amazon.com' }),
      ]),
    });
  const mark = 'source_frozen_over_14_days';

  it('is said by its platform with the interval: in build, feeds and scan', () => {
    const folder = temporaryFolder();
    const feed = join(folder, 'feed');
    const mirror = writeAmazonMirror({ '2 core': updates(3), '2023 core': stuck });
    const places = ['--mirror', mirror, '--snapshots', join(folder, 'snapshots'), '--out', feed];
    const built = scapfeed(['build', '--source', 'amazon', '--no-ratings', '--no-oval', ...places]);
    expect(built).toMatchObject({ code: 0, err: '' });
    expect(built.out).toContain(
      'source frozen, as at amzn-2023 (its newest data is of 2026-11-05; usually there is newer within 14 days)',
    );
    const { platforms, sources } = manifestOf(feed);
    expect(platforms.map(({ id, marks = [] }) => [id, marks.includes(mark)])).toEqual([
      ['amzn-2', false],
      ['amzn-2023', true],
    ]);
    expect(sources[0]).toMatchObject({ usualDays: 14 });
    expect(sources[0]!.findings).toContainEqual(
      expect.objectContaining({ reason: 'source_frozen', count: 1 }),
    );
    expect(scapfeed(['feeds', '--feed', feed]).out).toMatch(/^amzn-2023 .*source frozen over 14 days/m);

    const scan = ['scan', `dir:${system('p1', '2023')}`, '--feed', feed, '--max-age', '0'];
    expect(scapfeed(scan).out).toContain('has had nothing new for longer than the usual 14 days)');
    expect(JSON.parse(scapfeed([...scan, '-o', 'json']).out)).toMatchObject({
      platform: { marks: expect.arrayContaining([mark]) },
    });
    expect(scapfeed([...scan, '-o', 'html']).out).toContain('nothing new for longer than the usual 14 days');
  });

  it.each([
    { what: 'a release past its end of life', world: { '2 core': stuck }, day: '2026-12-01' },
    { what: 'data within the interval', world: { '2023 core': stuck }, day: '2026-11-19T09:00:00Z' },
  ])('$what is not', ({ world, day }) => {
    const folder = temporaryFolder();
    const places = [
      '--mirror',
      writeAmazonMirror(world),
      '--snapshots',
      join(folder, 's'),
      '--out',
      join(folder, 'f'),
    ];
    const env = { SOURCE_DATE_EPOCH: String(Date.parse(day) / 1000) };
    const built = scapfeed(['build', '--source', 'amazon', '--no-ratings', '--no-oval', ...places], env);
    expect([built.code, built.err]).toEqual([0, '']);
    expect(manifestOf(join(folder, 'f')).platforms[0]!.marks).not.toContain(mark);
  });

  it('is not when the feed is of one source and nothing says what day it is, which --max-age does', () => {
    const { night } = operator();
    expect(night(stuck).platform.marks).not.toContain(mark);
  });
});

function manifestOf(feed: string): Manifest {
  return JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as Manifest;
}
