import { describe, expect, it } from 'vitest';
import { alpineDefinition } from '../../../src/distros/alpine/definition.ts';
import { createSource } from '../../../src/distros/alpine/source.ts';
import {
  type AlpineRepository,
  type Secfixes,
  secdb,
  writeAlpineMirror,
} from '../../distros/alpine/world.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { readSource } from '../../support/read-source.ts';
import { type CollectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { unreadCounts } from '../../support/unread.ts';

async function readMirror(mirror: string): Promise<CollectingSink> {
  return readSource(createSource(alpineDefinition), mirror);
}

const empty: AlpineRepository = { secfixes: {} };
const readMain = (secfixes: AlpineRepository['secfixes']) =>
  readMirror(writeAlpineMirror({ 'v3.20/main': { secfixes }, 'v3.20/community': empty }));
const readOne = (name: string, secfixes: Secfixes) => readMain({ [name]: secfixes });

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ vulnerability, package: name, status, fixed }) =>
    [vulnerability, name, status, fixed].filter(Boolean).join(' '),
  );

describe("Alpine's security database", () => {
  it('is read with every entry accounted for', async () => {
    const sink = await readOne('openssl', {
      '3.3.1-r1': ['CVE-2024-5535'],
      '3.3.2-r0': ['CVE-2024-6119', 'CVE-2024-4741'],
    });
    expect(rows(sink)).toEqual([
      'CVE-2024-5535 openssl fixed 3.3.1-r1',
      'CVE-2024-6119 openssl fixed 3.3.2-r0',
      'CVE-2024-4741 openssl fixed 3.3.2-r0',
    ]);
    expect([sink.ledger.records, sink.ledger.used]).toEqual([3, 3]);
    expect(sink.platforms).toMatchObject([
      {
        platform: { id: 'alpine-3.20', packaging: 'apk' },
        data: { marks: ['fixes_only', 'no_package_list'] },
      },
    ]);
  });

  it('version 0 says that the package was never affected', async () => {
    expect(rows(await readOne('busybox', { '0': ['CVE-2022-28391'] }))).toEqual([
      'CVE-2022-28391 busybox not_affected',
    ]);
  });

  it('a flaw under two versions is fixed by the newer one, in any order (CVE-2017-9798)', async () => {
    for (const [first, second] of [
      ['1.1.1l-r0', '3.0.1-r0'],
      ['3.0.1-r0', '1.1.1l-r0'],
    ]) {
      const sink = await readOne('openssl', { [first!]: ['CVE-2021-3711'], [second!]: ['CVE-2021-3711'] });
      expect(rows(sink)).toEqual(['CVE-2021-3711 openssl fixed 3.0.1-r0']);
      expect(findingCounts(sink.ledger)).toEqual({ fixed_twice: 1 });
    }
  });

  it('a flaw under 0 and a version is fixed by the version', async () => {
    const sink = await readOne('xen', { '0': ['CVE-2020-0001'], '4.14-r1': ['CVE-2020-0001'] });
    expect(rows(sink)).toEqual(['CVE-2020-0001 xen fixed 4.14-r1']);
  });

  it('several ids in one entry: CVE-2017-17564 and its other name XSA-248', async () => {
    const sink = await readOne('xen', { '4.10.0-r1': ['CVE-2017-17564 XSA-248'] });
    expect(rows(sink)).toEqual(['CVE-2017-17564 xen fixed 4.10.0-r1']);
    expect(sink.vulnerabilities).toEqual([{ id: 'CVE-2017-17564', aliases: ['XSA-248'] }]);
    const two = await readOne('x', { '1-r0': ['CVE-2020-0001 CVE-2020-0002'] });
    expect(rows(two)).toEqual(['CVE-2020-0001 x fixed 1-r0', 'CVE-2020-0002 x fixed 1-r0']);
    expect(two.ledger.records).toBe(1);
  });

  it.each(['GHSA-xrh7-m5pp-39r6', 'XSA-252', 'ALPINE-13661', 'ZDI-CAN-22300', 'DW202402-001'])(
    'an id of another kind alone: %s',
    async (id) => {
      expect(rows(await readOne('x', { '1-r0': [id] }))).toEqual([`${id} x fixed 1-r0`]);
    },
  );

  it.each(['CVE-2017-17434-1', 'CVE-2017-17434.patch'])('a part of a flaw is the flaw: %s', async (id) => {
    expect(rows(await readOne('x', { '1-r0': [id] }))).toEqual(['CVE-2017-17434 x fixed 1-r0']);
  });

  it('words after an id are a doubt, an entry without an id is dropped', async () => {
    const sink = await readOne('x', {
      '1-r0': ['CVE-2018-20685 (partial)', 'CVE_2019-1', 'regression fix', ''],
    });
    expect(rows(sink)).toEqual(['CVE-2018-20685 x fixed 1-r0']);
    expect(findingCounts(sink.ledger)).toEqual({ '-unknown_vulnerability_id': 3, words_beside_id: 1 });
  });

  it.each([
    ['CVE-2018-20685 CVE_2019-1', 1],
    ['CVE-2018-20685 (regression)', 0],
  ])(
    'a CVE in another form beside one that can be read leaves its package unread: %s',
    async (text, unread) => {
      const sink = await readOne('x', { '1-r0': [text] });
      expect(rows(sink)).toEqual(['CVE-2018-20685 x fixed 1-r0']);
      expect(unreadCounts(sink.ledger, 'alpine-3.20')).toEqual(unread === 0 ? [] : [['x', unread]]);
    },
  );

  it('a version that apk would not take is dropped', async () => {
    const sink = await readOne('x', { '1.0bc-r0': ['CVE-2020-0001'] });
    expect(rows(sink)).toEqual([]);
    expect(findingCounts(sink.ledger)).toEqual({ '-absurd_version': 1 });
    expect(unreadCounts(sink.ledger, 'alpine-3.20')).toEqual([['x', 1]]);
  });

  it.each([
    ['a name that is none', { pkg: { name: '../x', secfixes: {} } }],
    ['no pkg', { name: 'x' }],
    ['a list of fixes', { pkg: { name: 'x', secfixes: ['CVE-2020-0001'] } }],
    ['no fixes', { pkg: { name: 'x' } }],
    ['null for fixes', { pkg: { name: 'x', secfixes: null } }],
    ['null for a list', { pkg: { name: 'x', secfixes: { '1-r0': null } } }],
    ['a number for a list', { pkg: { name: 'x', secfixes: { '1-r0': 5 } } }],
    ['a number for an id', { pkg: { name: 'x', secfixes: { '1-r0': [5] } } }],
  ])('%s is a counted finding', async (_, item) => {
    const good = JSON.parse(secdb('v3.20/main', Object.fromEntries(names.map((name) => [name, {}]))));
    good.packages.push(item);
    const sink = await readMain(JSON.stringify(good));
    expect(findingCounts(sink.ledger)).toEqual({ '-wrong_type': 1 });
    const named = 'pkg' in item && item.pkg.name === 'x';
    expect(unreadCounts(sink.ledger, 'alpine-3.20')).toEqual(named ? [['x', 1]] : []);
    const nameless = !('pkg' in item);
    expect(sink.ledger.hasUnreadRecords('alpine-3.20')).toBe(nameless);
    expect(sink.ledger.hasUnreadRecords('alpine-3.21')).toBe(false);
  });

  it('a document of which many packages are malformed is refused', async () => {
    const text = JSON.stringify({ distroversion: 'v3.20', packages: names.map((name) => ({ name })) });
    await expect(readMain(text)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });

  it.each([
    ['HTML', '<html>not here</html>'],
    ['a list', '[]'],
    ['no packages', '{"distroversion":"v3.20"}'],
  ])('%s is refused at once', async (_, text) => {
    await expect(readMain(text)).rejects.toMatchObject({ code: expect.stringMatching(/^(SOURCE|FETCH)_/) });
  });

  it('a document of another branch is refused', async () => {
    await expect(readMain(secdb('v3.19/main', {}))).rejects.toThrow(
      'expected the security database of v3.20, found that of v3.19',
    );
  });

  it('one repository without the other is refused; v3.2 has main alone', async () => {
    await expect(readMirror(writeAlpineMirror({ 'v3.20/main': empty }))).rejects.toThrow(
      'expected all 2 security databases of v3.20, found 1',
    );
    const fixed = { secfixes: { zlib: { '1.2.8-r2': ['CVE-2016-9840'] } } };
    const { platforms } = await readMirror(writeAlpineMirror({ 'v3.2/main': fixed }));
    expect(platforms.map(({ platform }) => platform.id)).toEqual(['alpine-3.2']);
  });

  it('a release without a fix is refused: every image would look clean', async () => {
    const mirror = writeAlpineMirror({ 'v3.20/main': empty, 'v3.20/community': empty });
    await expect(readMirror(mirror)).rejects.toMatchObject({
      ...{ code: 'SOURCE_MALFORMED', message: 'expected fixes of packages, found none' },
    });
  });

  it('package indexes give the roster by origin', async () => {
    const sink = await readMirror(
      writeAlpineMirror({
        'v3.20/main': {
          secfixes: { openssl: { '3.3.2-r0': ['CVE-2024-6119'] } },
          ships: ['libssl3 3.3.2-r0 openssl', 'openssl 3.3.2-r0', 'musl 1.2.5-r0'],
        },
        'v3.20/community': { secfixes: {}, ships: ['jq 1.7.1-r0'] },
      }),
    );
    expect([...sink.platforms[0]!.data.roster!]).toEqual([
      ['jq', { version: '1.7.1-r0', binaries: [{ name: 'jq', version: '1.7.1-r0' }] }],
      ['musl', { version: '1.2.5-r0', binaries: [{ name: 'musl', version: '1.2.5-r0' }] }],
      [
        'openssl',
        {
          version: '3.3.2-r0',
          binaries: [
            { name: 'libssl3', version: '3.3.2-r0' },
            { name: 'openssl', version: '3.3.2-r0' },
          ],
        },
      ],
    ]);
  });

  it('a mirror without any of it is an error', async () => {
    await expect(readMirror(temporaryFolder())).rejects.toMatchObject({ code: 'FETCH_NOT_FOUND' });
  });
});

const names = Array.from({ length: 200 }, (_, at) => `package-${at}`);

describe.skipIf(!hasData('mirror', 'secdb.alpinelinux.org'))('real documents', () => {
  it('are read without a finding', async () => {
    const sink = await readMirror(dataPath('mirror'));
    expect(sink.ledger.records).toBeGreaterThan(0);
    expect(sink.ledger.records).toBe(sink.ledger.used);
    expect(sink.platforms.map(({ platform }) => platform.id)).toEqual([
      'alpine-3.2',
      'alpine-3.16',
      'alpine-edge',
    ]);
  });
});
