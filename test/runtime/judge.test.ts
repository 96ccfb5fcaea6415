import { describe, expect, it } from 'vitest';
import type { Inventory } from '../../src/model/inventory/index.ts';
import { judge } from '../../src/runtime/index.ts';
import { bookworm, deb, feedDay, smallFeed } from '../support/small-feed.ts';

const feed = smallFeed({
  platform: bookworm,
  data: { roster: new Map([['openssl', { version: '1', binaries: [] }]]) },
  statements: [{ vulnerability: 'CVE-2023-0286', package: 'openssl', status: 'fixed', fixed: '3.0.8-1' }],
});
const database = { kind: 'dpkg', path: '/var/lib/dpkg/status', packages: 1 } as const;
const clean: Inventory = {
  os: { id: 'debian', versionId: '12', found: '/etc/os-release' },
  databases: [database],
  packages: [deb('libssl3', '3.0.9-1', 'openssl')],
  notes: [],
};
const now = new Date(feedDay);

describe('a library that judges has every reason for which the command exits with 4', () => {
  it('clean: neither flaws nor gaps', () => {
    expect(judge(feed, clean, { now })).toMatchObject({
      platform: { id: 'debian-12', phase: 'lts', ageDays: 0, marks: [] },
      ...{ verdicts: [], judged: 1, uncovered: [], gaps: [] },
    });
  });

  it('a list with fewer packages than its database has is a gap', () => {
    const { gaps } = judge(feed, { ...clean, databases: [{ ...database, packages: 2 }] }, { now });
    expect(gaps).toMatchObject([
      { code: 'incomplete_package_database', detail: 'it has 2 packages, and 1 are listed' },
    ]);
  });

  it.each([
    ['no package database', { databases: [], packages: [] }],
    ['a database without packages', { databases: [{ ...database, packages: 0 }], packages: [] }],
    ['a list without the packages of its database', { packages: [] }],
  ])('%s is an error, no clean image', (_, lost) => {
    expect(() => judge(feed, { ...clean, ...lost }, { now })).toThrow(
      expect.objectContaining({ code: 'PACKAGE_DATABASE_MISSING', exitCode: 4 }),
    );
  });

  it('a database that lists fewer packages than it declares is a gap', () => {
    const notes = [
      { code: 'incomplete_package_database', where: database.path, detail: '2 declared, 1 read' },
    ];
    const databases = [{ ...database, incomplete: true }];
    expect(judge(feed, { ...clean, databases, notes }, { now }).gaps).toEqual(notes);
  });

  it('half-installed packages are uncovered, and so a gap', () => {
    const halfInstalled = [deb('libssl-dev', '3.0.8-1', 'openssl')];
    const { uncovered, gaps } = judge(feed, { ...clean, halfInstalled }, { now });
    expect(uncovered).toEqual([{ package: halfInstalled[0], reason: 'half_installed' }]);
    expect(gaps).toEqual([{ code: 'uncovered_packages', detail: '1 without data in this feed' }]);
  });

  it('what the image says of its products and nobody may read is a gap', () => {
    const notes = [{ code: 'unread_context', where: '/root/buildinfo', detail: 'found EACCES' }];
    expect(judge(feed, { ...clean, notes }, { now }).gaps).toEqual(notes);
  });

  it('records of the vendor that could not be read and may be about any package are a gap', () => {
    const unread = smallFeed({ platform: bookworm, statements: [], data: { marks: ['unread_records'] } });
    const { gaps, platform } = judge(unread, clean, { now });
    expect(gaps.map(({ code }) => code)).toEqual(['unread_records']);
    expect(platform.marks).toEqual(['unread_records']);
  });

  it('a release past its end is a gap', () => {
    const later = judge(feed, clean, { now: new Date('2028-07-01T00:00:00Z') });
    expect(later.platform.phase).toBe('end_of_life');
    expect(later.gaps.map(({ code }) => code)).toEqual(['end_of_life']);
  });

  it('a derivative is judged only when its caller says by which rows, and is marked', () => {
    const os = { id: 'pureos', versionId: '11', found: '/etc/os-release' };
    expect(() => judge(feed, { ...clean, os }, { now })).toThrow(
      expect.objectContaining({ code: 'PLATFORM_NOT_COVERED', exitCode: 4 }),
    );
    const map = new Map([['pureos-11', 'debian-12']]);
    expect(judge(feed, { ...clean, os }, { now, map }).platform.marks).toEqual(['mapped']);
  });

  it('vendor data of the future has no age: a limit on it is not kept, whichever clock is wrong', () => {
    const decadeAgo = new Date(now.getTime() - 3650 * 86_400_000);
    expect(() => judge(feed, clean, { now: decadeAgo, maxAge: 7 * 86_400_000 })).toThrow(
      expect.objectContaining({ code: 'FEED_STALE', message: expect.stringContaining('its age is unknown') }),
    );
    expect(judge(feed, clean, { now: decadeAgo }).platform.ageDays).toBe(-3650);
  });

  it('vendor data older than the caller allows is refused', () => {
    const tomorrow = new Date(now.getTime() + 86_400_000);
    expect(judge(feed, clean, { now: tomorrow }).platform.ageDays).toBe(1);
    expect(judge(feed, clean, { now: tomorrow, maxAge: 0 }), 'any age').toMatchObject({ gaps: [] });
    expect(() => judge(feed, clean, { now: tomorrow, maxAge: 3_600_000 })).toThrow(
      expect.objectContaining({ code: 'FEED_STALE', exitCode: 3 }),
    );
  });
});
