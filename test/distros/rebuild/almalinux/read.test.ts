import { describe, expect, it } from 'vitest';
import definition from '../../../../feeds/almalinux.json' with { type: 'json' };
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { almaLinux } from '../../../../src/distros/rebuilds.ts';
import { createHttp } from '../../../../src/io/http/create-http.ts';
import { openSnapshotStore } from '../../../../src/sources/snapshots.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { criteria, criterion, type PatchDefinition, patchOval } from '../../../support/patch-oval.ts';
import { readSource } from '../../../support/read-source.ts';
import { type CollectingSink, collectingSink, findingCounts } from '../../../support/sources.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { unreadCounts } from '../../../support/unread.ts';
import { type AlmaErratum, errataText, erratum, osvRecord, packageRow, writeAlmaMirror } from './world.ts';

async function readMirror(mirror: string, snapshots = temporaryFolder()): Promise<CollectingSink> {
  return readSource(rebuildSource(almaLinux, definition), mirror, { snapshots });
}

const read = (...errata: readonly AlmaErratum[]) => readMirror(writeAlmaMirror({ errata: { 9: errata } }));
const readText = (text: string) => readMirror(writeAlmaMirror({ errata: { 9: text } }));

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ vulnerability, package: name, fixed, module, arch }) =>
    [vulnerability, name, fixed, module, arch?.join('+')].filter(Boolean).join(' '),
  );

/** Without what is said of the releases that a test has no errata or no OVAL of. */
function counts(ledger: CollectingSink['ledger']): Record<string, number> {
  const { release_absent: _, oval_absent: __, ...others } = findingCounts(ledger);
  return others;
}

const one: AlmaErratum = {
  id: 'ALSA-2024:1000',
  cves: ['CVE-2024-1000'],
  packages: ['openssl-1:3.0.7-25.el9_3.x86_64', 'openssl-1:3.0.7-25.el9_3.aarch64'],
};

describe("AlmaLinux's errata", () => {
  it('of a release that the server does not have are a finding', async () => {
    const { ledger } = await read(one);
    expect(findingCounts(ledger)).toEqual({ release_absent: 2, oval_absent: 1 });
  });

  it('of a release that the server has no more stay as they were last', async () => {
    const snapshots = temporaryFolder();
    const [eight, nine] = [one, { ...one, id: 'ALSA-2024:1001' }];
    await readMirror(writeAlmaMirror({ errata: { 8: [eight], 9: [nine] } }), snapshots);
    const sink = await readMirror(writeAlmaMirror({ errata: { 9: [nine] } }), snapshots);

    expect(sink.platforms.map(({ platform }) => platform.id).sort()).toEqual(['almalinux-8', 'almalinux-9']);
    const { id, refused } = (await openSnapshotStore(snapshots).list('almalinux')).find(
      (each) => each.refused,
    )!;
    expect([id, refused]).toEqual(['almalinux-errata-8', 'FETCH_NOT_FOUND']);
  });

  it('an empty list is refused, and a release without a fixed flaw is no platform: its images are not clean', async () => {
    await expect(readText('{"data": []}')).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
    const sink = await read({ ...one, type: 'bugfix', cves: [], id: 'ALBA-2024:1000' });
    expect([sink.platforms, findingCounts(sink.ledger)['-no_vulnerability']]).toEqual([[], 2]);
  });

  it('become statements about binary packages, and every row is accounted for', async () => {
    const sink = await read(one);
    expect(rows(sink)).toEqual(['CVE-2024-1000 openssl 1:3.0.7-25.el9_3 aarch64+x86_64']);
    expect(sink.statements[0]).toMatchObject({
      platform: 'almalinux-9',
      status: 'fixed',
      severity: 'high',
      subject: 'binary',
      advisories: ['ALSA-2024:1000'],
      evidence: 'almalinux-errata-9#{advisory}',
    });
    expect([sink.ledger.records, sink.ledger.used]).toEqual([2, 2]);
    expect(sink.platforms).toMatchObject([
      { platform: { id: 'almalinux-9' }, data: { marks: ['fixes_only', 'oval_absent', 'no_package_list'] } },
    ]);
    expect(sink.advisories).toMatchObject([
      { id: 'ALSA-2024:1000', url: 'https://errata.almalinux.org/9/ALSA-2024-1000.html' },
    ]);
  });

  it.each([
    ['Critical', 'critical'],
    ['Important', 'high'],
    ['Moderate', 'medium'],
    ['Low', 'low'],
    ['None', 'unknown'],
    ['', 'unknown'],
  ])('severity %s is %s', async (severity, expected) => {
    const sink = await read({ ...one, severity });
    expect(sink.statements[0]!.severity).toBe(expected);
    expect(counts(sink.ledger)).toEqual({});
  });

  it('a severity that AlmaLinux does not have is unknown, and told', async () => {
    const sink = await read({ ...one, severity: 'Terrible' });
    expect(sink.statements[0]!.severity).toBe('unknown');
    expect(counts(sink.ledger)).toEqual({ unknown_severity: 1 });
  });

  it('a bug fix that names CVEs fixes them (ALBA-2022:8256, CVE-2022-36369)', async () => {
    const sink = await read({ ...one, id: 'ALBA-2022:8256', type: 'bugfix', cves: ['CVE-2022-36369'] });
    expect(rows(sink)).toEqual(['CVE-2022-36369 openssl 1:3.0.7-25.el9_3 aarch64+x86_64']);
  });

  it('a bug fix that names none is dropped, row by row', async () => {
    const sink = await read({ ...one, id: 'ALBA-2021:3049', type: 'bugfix', cves: [], severity: 'None' });
    expect([rows(sink), counts(sink.ledger)]).toEqual([[], { '-no_vulnerability': 2 }]);
  });

  it('a security erratum that names none is a flaw under its own id', async () => {
    const sink = await read({ ...one, cves: [] });
    expect(rows(sink)).toEqual(['ALSA-2024:1000 openssl 1:3.0.7-25.el9_3 aarch64+x86_64']);
    expect(counts(sink.ledger)).toEqual({ security_erratum_without_cve: 1 });
  });

  it('a CVE in another form is a flaw under its own id, and the others count', async () => {
    const sink = await read({ ...one, cves: ['CVE-2024-1', 'CVE-2024-1000'] });
    expect(sink.vulnerabilities.map(({ id }) => id)).toEqual(['CVE-2024-1000', 'ALSA-2024:1000']);
    expect(counts(sink.ledger)).toEqual({ unknown_vulnerability_id: 1 });
  });

  it('an update dated before its issue dates the data by the later of both (ALBA-2021:3049)', async () => {
    const sink = collectingSink('almalinux');
    const dates: string[] = [];
    sink.dated = (_, date) => void dates.push(date);
    const mirror = writeAlmaMirror({
      errata: { 9: [{ ...one, issued: 1_628_589_283, updated: 1_628_589_276 }] },
    });
    const http = createHttp({ mirror });
    const store = openSnapshotStore(temporaryFolder());
    const source = rebuildSource(almaLinux, definition);
    const context = { http, store, now: new Date('2026-11-24'), progress: () => {} };
    await source.read(await source.fetch(context), store, sink);
    await http.close();
    expect(dates).toEqual(['2021-08-10T09:54:43.000Z']);
  });

  it('a package that an erratum brought in several builds is fixed by the first (ALSA-2021:0551, nodejs-nodemon)', async () => {
    const sink = await read({
      ...one,
      packages: [
        'nodejs-nodemon-2.0.3-1.module_el8.4.0+2522+3bd42762.noarch nodejs:14:1:2:x86_64',
        'nodejs-nodemon-2.0.3-1.module_el8.3.0+2022+0cf59502.noarch nodejs:14:1:2:x86_64',
      ],
    });
    expect(rows(sink)).toEqual([
      'CVE-2024-1000 nodejs-nodemon 0:2.0.3-1.module_el8.3.0+2022+0cf59502 nodejs:14',
    ]);
    expect(counts(sink.ledger)).toEqual({ several_builds: 1 });
  });

  it('builds that differ by architecture hold for their own, and streams come from the rows (ALSA-2019:3708)', async () => {
    const sink = await read({
      ...one,
      packages: [
        'Judy-1.0.5-18.module_el8.5.0+2632+14ced695.x86_64 mariadb:10.3:8050020220427075058:c5368500:x86_64',
        'Judy-1.0.5-18.module_el8.6.0+2867+72759d2f.ppc64le mariadb:10.3:8060020220503130727:9edba152:ppc64le',
        'Judy-1.0.5-18.module_el8.6.0+2761+593e5e59.aarch64 mariadb:10.5:8060020220420124706:9edba152:aarch64',
      ],
    });
    expect(rows(sink)).toEqual([
      'CVE-2024-1000 Judy 0:1.0.5-18.module_el8.5.0+2632+14ced695 mariadb:10.3 x86_64',
      'CVE-2024-1000 Judy 0:1.0.5-18.module_el8.6.0+2867+72759d2f mariadb:10.3 ppc64le',
      'CVE-2024-1000 Judy 0:1.0.5-18.module_el8.6.0+2761+593e5e59 mariadb:10.5 aarch64',
    ]);
  });

  it('a row without a module is of the module of the erratum; module null says nothing', async () => {
    const build = 'nodejs-1:18.17.1-1.module_el9.2.0+36+853e48f5.x86_64';
    const modules = [{ name: 'nodejs', stream: '18', arch: 'x86_64', version: '1', context: 'c' }];
    const packages = [{ ...packageRow(build), module: null }];
    const sink = await read({ ...one, packages: [], modules, raw: { packages } });
    expect(rows(sink)).toEqual([
      'CVE-2024-1000 nodejs 1:18.17.1-1.module_el9.2.0+36+853e48f5 nodejs:18 x86_64',
    ]);
    const titled = await read({ ...one, title: 'Important: nodejs:18 security update', packages: [build] });
    expect(rows(titled)).toEqual(rows(sink));
    const untold = await read({ ...one, title: 'Important: security update', packages: [build] });
    expect([rows(untold), counts(untold.ledger)]).toEqual([[], { '-module_unknown': 1 }]);
    expect(unreadCounts(untold.ledger, 'almalinux-9')).toEqual([['nodejs', 1]]);
  });

  it('a module that could be one of two is told, and both are kept', async () => {
    const modules = ['mariadb', 'mariadb-devel'].map((name) => ({ name, stream: '10.3', arch: 'x86_64' }));
    const packages = ['Judy-1.0.5-18.module_el8.3.0+2028+5e3224e9.x86_64'];
    const sink = await read({ ...one, modules, packages });
    expect(rows(sink).map((row) => row.split(' ')[3])).toEqual(['mariadb:10.3', 'mariadb-devel:10.3']);
    expect([counts(sink.ledger), sink.ledger.used]).toEqual([{ several_modules: 1 }, 1]);
  });

  it('texts of flaws come from the list in the description', async () => {
    const description =
      'A server.\n\nSecurity Fix(es):\n\n* openssl: a (small) leak (CVE-2024-1000)\n\nFor more …';
    const sink = await read({ ...one, description });
    expect(sink.vulnerabilities).toEqual([{ id: 'CVE-2024-1000', title: 'openssl: a (small) leak' }]);
  });

  it.each([
    ['no object', 'text', 'wrong_type'],
    ['a number', 7, 'wrong_type'],
    ['a list', [], 'wrong_type'],
    ['an id that is none', erratum('9', { ...one, id: '../ALSA-2024:1' }), 'wrong_type'],
    ['packages that are no list', erratum('9', { ...one, raw: { packages: 'x' } }), 'wrong_type'],
    ['references that are no list', erratum('9', { ...one, raw: { references: 5 } }), 'wrong_type'],
    ['no packages', erratum('9', { ...one, packages: [] }), 'no_packages'],
    ['another release', erratum('8', one), 'other_release'],
  ])('%s is a counted finding', async (_, bad, reason) => {
    const sink = await readText(errataText([erratum('9', one), bad]));
    expect(rows(sink)).toHaveLength(1);
    expect(counts(sink.ledger)).toEqual({ [`-${reason}`]: reason === 'other_release' ? 2 : 1 });
    expect(sink.ledger.records).toBe(reason === 'other_release' ? 4 : 3);
  });

  it.each([
    ['its rows', { packages: one.packages.map(packageRow) }, [['openssl', 1]], false],
    ['rows of which one is none', { packages: [packageRow(one.packages[0]!), 'x'] }, [['openssl', 1]], true],
    ['no row', { packages: [] }, [], false],
    ['rows that are no list', { packages: 'x' }, [], true],
  ] as const)(
    'an erratum that cannot be read leaves no clean result for what it names: %s',
    async (_, raw, packages, others) => {
      const bad = erratum('9', { ...one, id: 'ALSA', raw });
      const { ledger } = await readText(errataText([erratum('9', one), bad]));
      expect(unreadCounts(ledger, 'almalinux-9')).toEqual(packages);
      expect(ledger.hasUnreadRecords('almalinux-9')).toBe(others);
      expect(ledger.hasUnreadRecords('almalinux-8')).toBe(false);
      const [record] = ledger.unreadOf('almalinux-9').get('openssl')?.records ?? [];
      if (packages.length > 0)
        expect(record).toMatchObject({ reason: 'wrong_type', where: 'almalinux-errata-9#/data/1/id' });
    },
  );

  it.each(['text', 7, []])('an erratum that is %j may be about any package', async (bad) => {
    const { ledger } = await readText(errataText([erratum('9', one), bad]));
    expect(ledger.hasUnreadRecords('almalinux-9')).toBe(true);
  });

  it('the kind of an erratum and of a reference may be written in another case', async () => {
    const other = { ...one, id: 'ALSA-2024:7777' };
    const text = errataText([erratum('9', one), erratum('9', other)]);
    const usual = await readText(text);
    const loud = await readText(text.replaceAll('"security"', '"Security"').replaceAll('"cve"', '"CVE"'));
    expect(text).toContain('"cve"');
    expect(rows(loud)).toEqual(rows(usual));
  });

  it.each([
    ['without a name', { name: undefined }],
    ['with a name that is a path', { name: '../bash' }],
    ['with an architecture that is none', { arch: 'x86 64' }],
    ['with a module of odd characters', { module: 'a b:c' }],
    ['with a number for a version', { version: 3 }],
    ['with a hyphen in the version', { version: '3-0' }],
    ['with an epoch that is none', { epoch: 'x' }],
    ['with blanks in the release', { release: '1 2' }],
    ['with a module that is none', { module: 'nodejs' }],
    ['that is no object', undefined],
  ])('a row %s is a counted finding, the others hold', async (_, members) => {
    const row = members && { ...packageRow('bash-5.1.8-9.el9.x86_64'), ...members };
    const packages = [...one.packages.map(packageRow), row ?? 'x'];
    const sink = await read({ ...one, raw: { packages } });
    expect(rows(sink)).toEqual(['CVE-2024-1000 openssl 1:3.0.7-25.el9_3 aarch64+x86_64']);
    expect(counts(sink.ledger)).toEqual({ '-wrong_type': 1 });
    const { name } = { name: '', ...row };
    if (name === 'bash') expect(unreadCounts(sink.ledger, 'almalinux-9')).toEqual([['bash', 1]]);
    expect(sink.ledger.findings().find(({ reason }) => reason === 'wrong_type')!.examples[0]!.where).toMatch(
      /^almalinux-errata-9#\/data\/0\/packages\/2/,
    );
  });

  it.each([
    ['HTML', '<html>not here</html>'],
    ['a list', '[]'],
    ['no list of errata', '{"schema_version":"1.0"}'],
    ['one that is cut', errataText([erratum('9', one)]).slice(0, -200)],
    [
      'errata in another form',
      errataText(Array.from({ length: 8 }, () => ({ updateinfo_id: 'ALSA-2021:0551' }))),
    ],
  ])('%s is refused at once', async (_, text) => {
    await expect(readText(text)).rejects.toMatchObject({ code: expect.stringMatching(/^(SOURCE|FETCH)_/) });
  });

  it('a mirror without any of it is an error', async () => {
    await expect(readMirror(temporaryFolder())).rejects.toMatchObject({ code: 'FETCH_NOT_FOUND' });
  });

  it('one release without the others is read alone', async () => {
    const { platforms } = await readMirror(writeAlmaMirror({ errata: { 10: [one], 8: [one] } }));
    expect(platforms.map(({ platform }) => platform.id)).toEqual(['almalinux-8', 'almalinux-10']);
  });
});

describe("the vendor's OVAL", () => {
  const withOval = (errata: readonly AlmaErratum[], ...oval: readonly PatchDefinition[]) =>
    readMirror(writeAlmaMirror({ errata: { 9: errata }, oval: { 9: oval } }));
  const same = { advisory: one.id, cves: one.cves!, rows: ['openssl < 1:3.0.7-25.el9_3 aarch64|x86_64'] };

  it('adds nothing where both say the same, and is an input of the release', async () => {
    const sink = await withOval([one], same);
    expect([rows(sink), counts(sink.ledger)]).toEqual([rows(await read(one)), {}]);
    expect(sink.platforms[0]!.data.inputs).toEqual(['almalinux-errata-9', 'almalinux-oval-9']);
  });

  it('has the packages and architectures of an advisory that the errata hold a remnant of (ALSA-2021:1093)', async () => {
    const rest = [
      'openssl-libs < 1:3.0.7-25.el9_3 x86_64',
      'openssl-doc < 1:3.0.7-25.el9_3',
      'openssl < 1:3.0.7-25.el9_3 s390x|x86_64',
    ];
    const sink = await withOval([one], { ...same, rows: rest });
    expect(rows(sink)).toEqual([
      'CVE-2024-1000 openssl 1:3.0.7-25.el9_3 aarch64+x86_64',
      'CVE-2024-1000 openssl-libs 1:3.0.7-25.el9_3 x86_64',
      'CVE-2024-1000 openssl-doc 1:3.0.7-25.el9_3',
      'CVE-2024-1000 openssl 1:3.0.7-25.el9_3 s390x',
    ]);
    expect(counts(sink.ledger)).toEqual({ oval_has_more_packages: 3 });
    expect(sink.statements.map(({ evidence }) => evidence)).toEqual([
      'almalinux-errata-9#{advisory}',
      ...Array<string>(3).fill('almalinux-oval-9#{advisory}'),
    ]);
    expect(
      new Set(sink.statements.map(({ advisories, severity }) => `${advisories?.join()} ${severity}`)),
    ).toEqual(new Set(['ALSA-2024:1000 high']));
  });

  it('has CVEs that the erratum does not name, for all packages of the advisory', async () => {
    const sink = await withOval([one], { ...same, cves: ['CVE-2024-1000', 'CVE-2024-1001'] });
    expect(sink.vulnerabilities.map(({ id }) => id)).toEqual(['CVE-2024-1000', 'CVE-2024-1001']);
    expect(counts(sink.ledger)).toEqual({ oval_names_more: 1 });
  });

  it('has advisories that the errata do not have, and lacks some that they have', async () => {
    const alone = {
      advisory: 'ALSA-2024:2',
      cves: ['CVE-2024-2000'],
      severity: 'Low',
      rows: ['bash < 0:5.1.8-9.el9'],
    };
    const sink = await withOval([one], alone);
    expect(rows(sink)).toEqual([...rows(await read(one)), 'CVE-2024-2000 bash 0:5.1.8-9.el9']);
    expect(sink.statements[1]).toMatchObject({ severity: 'low', advisories: ['ALSA-2024:2'] });
    expect(counts(sink.ledger)).toEqual({ oval_only: 1, not_in_oval: 1 });
  });

  it('decides nothing about a build that the errata have in another version', async () => {
    const sink = await withOval([one], { ...same, rows: ['openssl < 1:3.0.7-99.el9_3 aarch64|x86_64'] });
    expect([rows(sink), counts(sink.ledger)]).toEqual([rows(await read(one)), { oval_fixed_differs: 1 }]);
  });

  it('a stream is one of its own, and a row without a module may be of any', async () => {
    const build = 'nodejs-1:18.17.1-1.module_el9.2.0+36+853e48f5';
    const errata = { ...one, packages: [`${build}.x86_64 nodejs:18:1:c:x86_64`] };
    const oval = (stream: string) => ({
      ...same,
      rows: [`nodejs < 1:18.17.1-1.module_el9.2.0+36+853e48f5 x86_64 nodejs:${stream}`],
    });
    expect(rows(await withOval([errata], oval('18')))).toHaveLength(1);
    expect(rows(await withOval([errata], oval('20')))).toHaveLength(2);
  });

  it('a definition that no row can say, of another release or without an advisory is a finding with its id', async () => {
    const odd = { ...same, criteria: criteria('OR', criterion('gone')) };
    const other = {
      ...same,
      advisory: 'ALSA-2024:8',
      page: 'https://errata.almalinux.org/8/ALSA-2024-8.html',
    };
    const others = Array.from({ length: 9 }, () => same);
    const sink = await withOval([one], odd, other, { ...same, advisory: 'RHSA-2024:3' }, ...others);
    expect(counts(sink.ledger)).toEqual({
      oval_not_understood: 1,
      oval_other_release: 1,
      oval_without_advisory: 1,
    });
    const found = sink.ledger.findings().find(({ reason }) => reason === 'oval_not_understood');
    expect(found!.examples[0]!.where).toBe('almalinux-oval-9#oval:made.up:def:0');
  });

  /** Many that are understood: a document of which too little is would be refused. */
  const beside = Array.from({ length: 9 }, () => same);
  const unreadIn = async (errata: AlmaErratum, ...odd: readonly PatchDefinition[]) =>
    Object.fromEntries(unreadCounts((await withOval([errata], ...odd, ...beside)).ledger, 'almalinux-9'));
  const odd = { ...same, rows: ['openssl < x', 'openssl-libs < x', 'openssl-doc < 1:3.0.7-25.el9_3'] };

  it('that is not understood leaves no clean result for its packages that the erratum does not have', async () => {
    expect(await unreadIn(one, odd)).toEqual({ 'openssl-libs': 1 });
    const alone = { ...odd, advisory: 'ALSA-2024:2' };
    expect(await unreadIn(one, alone)).toEqual({ openssl: 1, 'openssl-libs': 1 });
    const both = criteria('AND', criterion('package-0'), criterion('package-2'));
    expect(await unreadIn(one, { ...alone, criteria: both })).toEqual({ openssl: 1, 'openssl-doc': 1 });
  });

  it('without an advisory leaves none for any of its packages', async () => {
    expect(await unreadIn(one, { ...odd, advisory: 'RHSA-2024:3' })).toEqual({
      openssl: 1,
      'openssl-libs': 1,
      'openssl-doc': 1,
    });
  });

  it('that is not understood says nothing of a flaw where it fixes none', async () => {
    expect(await unreadIn(one, { ...odd, advisory: 'ALBA-2024:2', cves: [] })).toEqual({});
    expect(await unreadIn(one, { ...odd, advisory: 'ALBA-2024:2' })).toEqual({
      openssl: 1,
      'openssl-libs': 1,
    });
  });

  it.each([
    ['an empty document', patchOval([])],
    ['one of which nothing is understood', patchOval([{ ...same, kind: 'inventory' }])],
    ['one that is no OVAL', '<?xml version="1.0"?><other/>'],
    ['half a document', patchOval([same]).slice(0, 900)],
  ])('%s is refused: the last good one stays, and without one the errata are used alone', async (_, text) => {
    const snapshots = temporaryFolder();
    const more = { ...same, rows: [...same.rows, 'openssl-libs < 1:3.0.7-25.el9_3'] };
    const world = (oval: readonly PatchDefinition[] | string) =>
      writeAlmaMirror({ errata: { 9: [one] }, oval: { 9: oval } });
    const good = await readMirror(world([more]), snapshots);
    expect(rows(await readMirror(world(text), snapshots))).toEqual(rows(good));
    const [kept] = (await openSnapshotStore(snapshots).list('almalinux')).filter(({ refused }) => refused);
    expect([kept!.id, kept!.refused]).toEqual(['almalinux-oval-9', 'SOURCE_MALFORMED']);
    const alone = await readMirror(world(text));
    expect([rows(alone), findingCounts(alone.ledger)]).toEqual([
      rows(await read(one)),
      { release_absent: 2, oval_absent: 1 },
    ]);
  });

  it('is evidence by the advisory: its definition, as the vendor wrote it', async () => {
    const snapshots = temporaryFolder();
    await readMirror(
      writeAlmaMirror({ errata: { 9: [one] }, oval: { 9: [same, { ...same, advisory: 'ALSA-2024:2' }] } }),
      snapshots,
    );
    const store = openSnapshotStore(snapshots);
    const input = (await store.list('almalinux')).find(({ id }) => id === 'almalinux-oval-9')!;
    const { evidence } = rebuildSource(almaLinux, definition);
    const found = await evidence(input, 'ALSA-2024:2', [], store);
    expect(found).toMatchObject({ place: `${input.url}#ALSA-2024:2`, pointer: '' });
    expect(found!.bytes.toString()).toMatch(
      /^<definition id="oval:made.up:def:1".*ALSA-2024:2.*<\/definition>$/s,
    );
    expect(await evidence(input, 'ALSA-2024:7', [], store)).toBeUndefined();
  });
});

describe('the OSV records', () => {
  const withOsv = (osv: Readonly<Record<string, object | string>>) =>
    readMirror(writeAlmaMirror({ errata: { 9: [one] }, osv }));

  it('that say the same are silent; they have no epoch where it is 0', async () => {
    const sink = await readMirror(
      writeAlmaMirror({
        errata: { 9: [one, { ...one, id: 'ALSA-2024:2', packages: ['bash-5.1.8-9.el9.x86_64'] }] },
        osv: {
          a: osvRecord('ALSA-2024:1000', '9', ['CVE-2024-1000'], { openssl: '1:3.0.7-25.el9_3' }),
          b: osvRecord('ALSA-2024:2', '9', ['CVE-2024-1000'], { bash: '5.1.8-9.el9' }),
          c: osvRecord('ALSA-2024:3', '8', ['CVE-2024-1000'], { bash: '5.1.8-9.el8' }),
        },
      }),
    );
    expect(counts(sink.ledger)).toEqual({});
  });

  it('that say more or other than the errata are told and make no statement', async () => {
    const sink = await withOsv({
      a: osvRecord('ALSA-2024:1000', '9', ['CVE-2024-1000', 'CVE-2024-7'], { openssl: '1:3.0.7-26.el9_3' }),
      b: osvRecord('ALSA-2024:9', '9', ['CVE-2024-9'], { bash: '5.1.8-9.el9' }),
      c: '{',
      d: { id: 'ALSA-2024:1', affected: [5] },
    });
    expect(rows(sink)).toHaveLength(1);
    expect(counts(sink.ledger)).toEqual({
      osv_fixed_differs: 1,
      osv_malformed: 2,
      osv_names_more: 1,
      osv_only: 1,
    });
  });
});

describe.skipIf(!hasData('mirror', 'errata.almalinux.org'))('real documents', () => {
  it('are read with every row a statement or a counted finding', async () => {
    const sink = await readMirror(dataPath('mirror'));
    expect(sink.platforms.map(({ platform }) => platform.id)).toEqual(['almalinux-8']);
    expect(counts(sink.ledger)).toEqual({ '-no_vulnerability': 5, osv_only: 1 });
    expect([sink.ledger.records, sink.ledger.used]).toEqual([12, 7]);
    expect(new Set(rows(sink).map((row) => row.split(' ').slice(1).join(' ')))).toEqual(
      new Set([
        'Judy 0:1.0.5-18.module_el8.5.0+2632+14ced695 mariadb:10.3 x86_64',
        'Judy 0:1.0.5-18.module_el8.3.0+2028+5e3224e9 mariadb-devel:10.3 i686',
        'Judy-devel 0:1.0.5-18.module_el8.3.0+2028+5e3224e9 mariadb-devel:10.3 i686+x86_64',
        'Judy 0:1.0.5-18.module_el8.6.0+2761+593e5e59 mariadb:10.5 aarch64',
        'Judy 0:1.0.5-18.module_el8.6.0+2867+72759d2f mariadb:10.3 ppc64le',
        'Judy-devel 0:1.0.5-18.module_el8.6.0+2867+72759d2f mariadb-devel:10.3 ppc64le',
      ]),
    );
  });
});
