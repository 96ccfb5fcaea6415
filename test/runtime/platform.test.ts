import { describe, expect, it } from 'vitest';
import type { FeedPlatform, Platform } from '../../src/model/feed/index.ts';
import type { OsRelease } from '../../src/model/inventory/index.ts';
import { choosePlatform, platformName } from '../../src/runtime/index.ts';
import { bookworm, trixie } from '../support/small-feed.ts';

const rolling = (id: string, codename: string, aliases: string[]): Platform => ({
  ...trixie,
  id,
  aliases,
  os: { id: 'debian', codename },
});
const rhel: Platform = {
  ...bookworm,
  id: 'rhel-9',
  aliases: [],
  os: { id: 'rhel', version: '9' },
  packaging: 'rpm',
};
const jammy: Platform = {
  ...bookworm,
  id: 'ubuntu-22.04',
  aliases: ['jammy'],
  os: { id: 'ubuntu', version: '22.04', codename: 'jammy' },
};
const platforms = [
  bookworm,
  trixie,
  rolling('debian-14', 'forky', ['forky', 'testing']),
  rolling('debian-sid', 'sid', ['sid', 'unstable']),
  rhel,
  jammy,
].map(
  (platform) =>
    ({
      ...platform,
      source: 'test',
      updated: '2026-11-20T00:00:00Z',
      packages: 0,
      statements: 0,
      status: {},
      evidence: [],
      roster: false,
    }) as FeedPlatform,
);
const withNpm: FeedPlatform[] = [
  ...platforms,
  { ...platforms[0]!, id: 'npm', aliases: [], os: { id: 'npm' } },
];
const os = (id: string, rest: Partial<OsRelease> = {}): OsRelease => ({
  id,
  found: '/etc/os-release',
  ...rest,
});

describe('which rows judge an image', () => {
  it.each<[string, OsRelease, string[], string, string[]]>([
    ['a release by its number', os('debian', { versionId: '12' }), [], 'debian-12', []],
    ['RHEL by its major', os('rhel', { versionId: '9.4' }), [], 'rhel-9', []],
    ['Ubuntu by its whole number', os('ubuntu', { versionId: '22.04' }), [], 'ubuntu-22.04', []],
    [
      'forky without apt sources: testing, and said so',
      os('debian', { codename: 'forky' }),
      [],
      'debian-14',
      ['assumed_testing'],
    ],
    ['forky whose apt sources say forky', os('debian', { codename: 'forky' }), ['forky'], 'debian-14', []],
    ['forky/sid whose apt sources say sid', os('debian', { codename: 'forky' }), ['sid'], 'debian-sid', []],
    [
      'forky/sid whose apt sources say unstable',
      os('debian', { codename: 'forky' }),
      ['unstable'],
      'debian-sid',
      [],
    ],
  ])('%s', (_, release, aptSuites, id, marks) => {
    const choice = choosePlatform(platforms, { os: release, aptSuites });

    expect(choice.platform.id).toBe(id);
    expect(choice.marks).toEqual(marks);
  });

  it.each([
    ['an unknown distribution', os('alpine', { versionId: '3.19' }), 'PLATFORM_NOT_COVERED'],
    ['a release the feed lacks', os('debian', { versionId: '9' }), 'PLATFORM_NOT_COVERED'],
    ['Rocky is not RHEL', os('rocky', { versionId: '9.3', idLike: ['rhel'] }), 'PLATFORM_NOT_COVERED'],
    ['Kali is not Debian', os('kali', { versionId: '2024.1', idLike: ['debian'] }), 'PLATFORM_NOT_COVERED'],
    ['22.04 is not 22', os('ubuntu', { versionId: '22.10' }), 'PLATFORM_NOT_COVERED'],
    ['no os-release at all', null, 'PLATFORM_UNKNOWN'],
  ])('%s is never a clean result', (_, release, code) => {
    expect(() => choosePlatform(platforms, { os: release })).toThrow(
      expect.objectContaining({ code, exitCode: 4 }),
    );
  });

  it('a system is named once where os-release has no name for people', () => {
    const messageOf = (release: OsRelease) => {
      try {
        return choosePlatform(platforms, { os: release }).platform.id;
      } catch (error) {
        return (error as Error).message;
      }
    };
    const release = { versionId: '9' };
    expect(messageOf(os('debian', release))).toBe('the feed has no data for debian-9');
    expect(messageOf(os('debian', { ...release, prettyName: 'Debian 9' }))).toBe(
      'the feed has no data for Debian 9 (debian-9)',
    );
  });

  it.each([
    ['its minor', 'rocky-9.3'],
    ['its major', 'rocky-9'],
    ['its name alone', 'rocky'],
  ])(
    "a derivative is judged by another system's rows only when the user maps it, and is marked: by %s",
    (_, name) => {
      const map = new Map([[name, 'rhel-9']]);

      const choice = choosePlatform(platforms, { os: os('rocky', { versionId: '9.3' }) }, { map });

      expect(choice).toMatchObject({ platform: { id: 'rhel-9' }, marks: ['mapped'] });
    },
  );

  const stream = 'CentOS Stream 9';

  it.each([
    ['by its name', os('centos', { versionId: '8', prettyName: 'CentOS Stream 8' })],
    ['by its number, where an SBOM has no more', os('centos', { versionId: '9' })],
  ])('CentOS Stream is not covered, with the reason, known %s', (_, release) => {
    expect(() => choosePlatform(platforms, { os: release })).toThrow(
      expect.objectContaining({
        code: 'PLATFORM_NOT_COVERED',
        message: expect.stringMatching(
          /has no security data of its own, and its builds run ahead of those of rhel$/,
        ),
        remedy: expect.stringMatching(/--platform-map centos-[89]=PLATFORM/),
      }),
    );
  });

  it('a system that a feed can have is not told to use the rows of another', () => {
    for (const [id, versionId] of [
      ['arch', '20250101'],
      ['wolfi', '20230201'],
      ['alpine', '3.20.1'],
    ] as const)
      expect(() => choosePlatform(platforms, { os: os(id, { versionId }) })).toThrow(
        expect.objectContaining({
          code: 'PLATFORM_NOT_COVERED',
          remedy: expect.not.stringContaining('--platform-map'),
        }),
      );
  });

  it.each([
    [
      'CentOS Stream by rows of RHEL on request is marked as ahead of them',
      '9',
      stream,
      ['mapped', 'runs_ahead'],
    ],
    ['CentOS Linux 8 was made from RHEL', '8', 'CentOS Linux 8', ['mapped']],
  ])('%s', (_, versionId, prettyName, marks) => {
    const choice = choosePlatform(
      platforms,
      { os: os('centos', { versionId, prettyName }) },
      { map: new Map([['centos', 'rhel-9']]) },
    );
    expect(choice).toMatchObject({ platform: { id: 'rhel-9' }, marks });
  });

  it('a map of another major is not for it', () => {
    const map = new Map([['rocky-8', 'rhel-9']]);

    expect(() => choosePlatform(platforms, { os: os('rocky', { versionId: '9.3' }) }, { map })).toThrow(
      expect.objectContaining({ code: 'PLATFORM_NOT_COVERED' }),
    );
  });

  it.each([
    ['rhel', '9.3', 'rhel-9'],
    ['rhel', '10.0', 'rhel-10'],
    ['ubuntu', '22.04', 'ubuntu-22.04'],
    ['debian', '12', 'debian-12'],
  ])('%s %s is platform %s, as feeds and manifests name it', (id, versionId, name) => {
    expect(platformName(os(id, { versionId }))).toBe(name);
  });

  it.each([
    ['--platform', { platform: 'npm' }],
    ['--platform-map', { map: new Map([['alpine-3.19.0', 'npm']]) }],
    ['--platform-map of another system', { map: new Map([['rocky', 'pypi']]) }],
  ])('an ecosystem is refused as %s: it judges no packages of a distribution', (_, options) => {
    const release = os('alpine', { versionId: '3.19.0' });
    expect(() => choosePlatform(withNpm, { os: release }, options)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        exitCode: 2,
        message: expect.stringMatching(/^(npm|pypi) is an ecosystem/),
        remedy: expect.stringMatching(/^name the platform of a distribution/),
      }),
    );
  });

  it.each([
    ['the system itself', 'debian-12', 'rhel-9'],
    ['an alias', 'rocky', 'bookworm'],
    ['another system', 'ol-9', 'debian-12'],
  ])('a map to packages of another manager is refused: %s', (_, from, to) => {
    const map = new Map([[from, to]]);
    expect(() => choosePlatform(platforms, { os: os('debian', { versionId: '12' }) }, { map })).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringMatching(
          /^\S+ has packages of (dpkg|rpm), and statements about \S+ are about packages of (dpkg|rpm)$/,
        ),
        where: `--platform-map ${from}=${to}`,
        remedy: 'map it to the platform that it is made from',
      }),
    );
  });

  it.each([
    ['a release', os('alpine', { versionId: '3.19' }), {}],
    ['no release', null, {}],
    ['a wrong name', null, { platform: 'bookwurm' }],
  ])('no list of platforms offers an ecosystem: %s', (_, release, options) => {
    expect(() => choosePlatform(withNpm, { os: release }, options)).toThrow(
      expect.objectContaining({ remedy: expect.not.stringContaining('npm') }),
    );
  });

  it('--platform takes an id or an alias', () => {
    expect(choosePlatform(platforms, { os: null }, { platform: 'bookworm' }).platform.id).toBe('debian-12');
    expect(() => choosePlatform(platforms, { os: null }, { platform: 'bookwurm' })).toThrow(
      /no platform bookwurm/,
    );
  });
});
