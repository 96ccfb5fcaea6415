import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import definition from '../../../../feeds/rocky.json' with { type: 'json' };
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { rocky } from '../../../../src/distros/rebuilds.ts';
import { createHttp } from '../../../../src/io/http/create-http.ts';
import { openSnapshotStore } from '../../../../src/sources/snapshots.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { readSource } from '../../../support/read-source.ts';
import { type CollectingSink, collectingSink, findingCounts } from '../../../support/sources.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { unreadCounts } from '../../../support/unread.ts';
import {
  advisory,
  osvRecord,
  packageRow,
  pageText,
  type RockyAdvisory,
  type RockyWorld,
  writeRockyMirror,
} from './world.ts';

async function readMirror(mirror: string): Promise<CollectingSink & { dates: string[] }> {
  const dates: string[] = [];
  const sink = {
    ...collectingSink('rocky'),
    dates,
    dated: (_: string, date: string) => void dates.push(date),
  };
  return readSource(rebuildSource(rocky, definition), mirror, { sink });
}

const readAll = (world: RockyWorld) => readMirror(writeRockyMirror(world));
const read = (...advisories: RockyWorld['advisories'][number][]) => readAll({ advisories });

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ platform, vulnerability, package: name, fixed, module, arch }) =>
    [platform.replace('rocky-', ''), vulnerability, name, fixed, module, arch?.join('+')]
      .filter(Boolean)
      .join(' '),
  );

/** Without what is said of the releases that a test has no advisories of. */
function counts(ledger: CollectingSink['ledger']): Record<string, number> {
  const { release_absent: _, ...others } = findingCounts(ledger);
  return others;
}

const one: RockyAdvisory = {
  name: 'RLSA-2024:1000',
  cves: ['CVE-2024-1000'],
  packages: ['openssl-1:3.0.7-25.el9_3.x86_64', 'openssl-1:3.0.7-25.el9_3.aarch64'],
};
const said = '9 CVE-2024-1000 openssl 1:3.0.7-25.el9_3 aarch64+x86_64';

describe("Rocky Linux's advisories", () => {
  it('become statements about binary packages, and every row is accounted for', async () => {
    const sink = await read({ ...one, description: '* openssl: a (small) leak (CVE-2024-1000)\n' });
    expect(rows(sink)).toEqual([said]);
    expect(sink.statements[0]).toMatchObject({
      platform: 'rocky-9',
      status: 'fixed',
      severity: 'high',
      advisories: ['RLSA-2024:1000'],
      evidence: 'rocky-advisories#{advisory}',
    });
    expect(sink.vulnerabilities).toEqual([{ id: 'CVE-2024-1000', title: 'openssl: a (small) leak' }]);
    expect(sink.platforms).toMatchObject([
      {
        platform: { id: 'rocky-9' },
        data: { marks: ['fixes_only', 'no_package_list'], severalErrata: true },
      },
    ]);
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([
      2,
      2,
      { release_absent: 2 },
    ]);
  });

  it.each([
    ['Critical', 'critical'],
    ['Important', 'high'],
    ['Moderate', 'medium'],
    ['Low', 'low'],
    ['None', 'unknown'],
    ['Unknown', 'unknown'],
  ])('severity %s is %s', async (severity, expected) => {
    const sink = await read({ ...one, severity });
    expect([sink.statements[0]!.severity, counts(sink.ledger)]).toEqual([expected, {}]);
  });

  it('a severity that is none of these is unknown and told', async () => {
    const sink = await read({ ...one, severity: 'Terrible' });
    expect([sink.statements[0]!.severity, counts(sink.ledger)]).toEqual(['unknown', { unknown_severity: 1 }]);
  });

  it('one advisory about several releases is told of each with its own builds', async () => {
    const sink = await read({
      ...one,
      packages: ['bash-5.1.8-9.el9.x86_64', 'bash-4.4.20-5.el8.x86_64', 'bash-5.2.26-6.el10.x86_64'],
    });
    expect(rows(sink).sort()).toEqual([
      '10 CVE-2024-1000 bash 0:5.2.26-6.el10 x86_64',
      '8 CVE-2024-1000 bash 0:4.4.20-5.el8 x86_64',
      '9 CVE-2024-1000 bash 0:5.1.8-9.el9 x86_64',
    ]);
    expect(findingCounts(sink.ledger)).toEqual({});
  });

  it('a bug fix that names CVEs fixes them; one that names none is dropped, row by row (RLBA-2019:0973)', async () => {
    const sink = await read(
      { ...one, name: 'RLBA-2024:1', kind: 'Bug Fix' },
      { ...one, name: 'RLBA-2024:2', kind: 'Bug Fix', severity: 'None', cves: [] },
    );
    expect([rows(sink), counts(sink.ledger)]).toEqual([[said], { '-no_vulnerability': 2 }]);
  });

  it.each([
    ['an empty list', []],
    ['null', null],
    ['nothing', undefined],
  ])('a security advisory with %s for CVEs is a flaw under its own id', async (_, cves) => {
    const sink = await read({ ...one, raw: { cves } });
    expect(rows(sink)).toEqual(['9 RLSA-2024:1000 openssl 1:3.0.7-25.el9_3 aarch64+x86_64']);
    expect(counts(sink.ledger)).toEqual({ security_erratum_without_cve: 1 });
  });

  it('a CVE in another form is a flaw under its own id, and the others count', async () => {
    const sink = await read({ ...one, cves: ['CVE-2024-1', 'CVE-2024-1000'] });
    expect(sink.vulnerabilities.map(({ id }) => id)).toEqual(['CVE-2024-1000', 'RLSA-2024:1000']);
    expect(counts(sink.ledger)).toEqual({ unknown_vulnerability_id: 1 });
  });

  it('builds of special interest groups (RXSA-2023:0101, SIG Cloud) are no builds of the release', async () => {
    const cloud = 'kernel-4.18.0-425.10.1.el8_7.cloud.x86_64';
    const sink = await read(
      one,
      { ...one, name: 'RXSA-2023:0101', packages: [`${cloud} - Rocky Linux SIG Cloud 8`] },
      { ...one, name: 'RXSA-2023:0102', packages: [`${cloud} - Rocky Linux 8 x86_64`] },
      {
        ...one,
        name: 'RLSA-2023:0103',
        packages: ['a-1-1.el11.x86_64', `${cloud} - Rocky Linux SIG Cloud 8`],
      },
    );
    expect([rows(sink), counts(sink.ledger)]).toEqual([[said], { '-other_product': 4 }]);
    expect(sink.platforms).toHaveLength(1);
  });

  it('rows of an earlier minor and of old repositories are of the release', async () => {
    const build = 'bind-32:9.11.26-4.el8_4.aarch64';
    const sink = await read({
      ...one,
      packages: [build, `${build} - Rocky Linux 8.4 aarch64 (Legacy)`, `${build} - Rocky Linux 8`],
    });
    expect([rows(sink), sink.ledger.used]).toEqual([['8 CVE-2024-1000 bind 32:9.11.26-4.el8_4 aarch64'], 3]);
  });

  it('rows of source packages and of debug symbols are dropped and counted', async () => {
    const packages = ['openssl', 'openssl-debuginfo', 'openssl-debugsource', 'kernel-debuginfo-common-x86_64']
      .map((name) => `${name}-1:3.0.7-25.el9_3.x86_64`)
      .concat('openssl-1:3.0.7-25.el9_3.src');
    const sink = await read({ ...one, packages });
    expect([rows(sink), counts(sink.ledger)]).toEqual([
      ['9 CVE-2024-1000 openssl 1:3.0.7-25.el9_3 x86_64'],
      { '-debug_package': 3, '-source_package': 1 },
    ]);
    expect([sink.ledger.records, sink.ledger.used]).toEqual([5, 1]);
  });

  it('a release with nothing but source packages is no platform', async () => {
    const sink = await read(one, { ...one, name: 'RLSA-2024:2', packages: ['bash-4.4.20-5.el8.src'] });
    expect(sink.platforms.map(({ platform }) => platform.id)).toEqual(['rocky-9']);
  });

  it('a module is that of the row; builds that differ by architecture hold for their own', async () => {
    const sink = await read({
      ...one,
      packages: [
        'Judy-1.0.5-18.module+el8.5.0+668+665814fa.x86_64 mariadb:10.3',
        'Judy-1.0.5-18.module+el8.4.0+427+adf35707.aarch64 mariadb:10.3',
        'Judy-1.0.5-18.module+el8.5.0+777+aaaaaaaa.aarch64 mariadb:10.5',
      ],
    });
    expect(rows(sink)).toEqual([
      '8 CVE-2024-1000 Judy 0:1.0.5-18.module+el8.5.0+668+665814fa mariadb:10.3 x86_64',
      '8 CVE-2024-1000 Judy 0:1.0.5-18.module+el8.4.0+427+adf35707 mariadb:10.3 aarch64',
      '8 CVE-2024-1000 Judy 0:1.0.5-18.module+el8.5.0+777+aaaaaaaa mariadb:10.5 aarch64',
    ]);
  });

  it('a modular build whose row names no module is of those of the other rows, or of the synopsis; else it is dropped', async () => {
    const build = (name: string) => `${name}-1:1.14.1-9.module+el8.4.0+542+81547229.x86_64`;
    const beside = await read({
      ...one,
      packages: [build('nginx'), `${build('nginx-all-modules')} nginx:1.14`],
    });
    expect(rows(beside)[0]).toBe(
      '8 CVE-2024-1000 nginx 1:1.14.1-9.module+el8.4.0+542+81547229 nginx:1.14 x86_64',
    );
    const titled = await read({
      ...one,
      synopsis: 'Important: nginx:1.14 security update',
      packages: [build('nginx')],
    });
    expect(rows(titled)).toEqual(rows(beside).slice(0, 1));
    const untold = await read(one, { ...one, name: 'RLSA-2024:2', packages: [build('nginx')] });
    expect([rows(untold), counts(untold.ledger)]).toEqual([[said], { '-module_unknown': 1 }]);
    expect(unreadCounts(untold.ledger, 'rocky-8')).toEqual([['nginx', 1]]);
  });

  it('an advisory that an earlier minor brought in another build is fixed from the first', async () => {
    const build = (release: string, product: string) =>
      `bind-32:9.11.26-${release}.x86_64 - Rocky Linux ${product}`;
    const sink = await read({
      ...one,
      packages: [build('6.el8', '8 x86_64'), build('4.el8_4', '8.4 x86_64 (Legacy)')],
    });
    expect(rows(sink)).toEqual(['8 CVE-2024-1000 bind 32:9.11.26-4.el8_4 x86_64']);
    expect(counts(sink.ledger)).toEqual({ several_builds: 1 });
  });

  it('the data are as new as the newest advisory or its update', async () => {
    const sink = await read(
      { ...one, published: '2019-05-07T03:38:54+00:00', updated: '2023-02-02T12:54:20.856005+00:00' },
      { ...one, name: 'RLSA-2024:2', published: 'yesterday', updated: '2022-01-01T00:00:00Z' },
    );
    expect(sink.dates).toEqual(['2023-02-02T12:54:20.000Z']);
  });

  it.each([
    ['no object', 'text', 'wrong_type'],
    ['a number', 7, 'wrong_type'],
    ['a list', [], 'wrong_type'],
    ['no name', advisory({ ...one, raw: { name: undefined } }), 'wrong_type'],
    ['a name that is none', advisory({ ...one, name: '../RLSA-2024:1' }), 'wrong_type'],
    [
      'packages that are no list',
      advisory({ ...one, name: 'RLSA-2024:2', raw: { packages: 'x' } }),
      'wrong_type',
    ],
    ['CVEs that are no list', advisory({ ...one, name: 'RLSA-2024:2', raw: { cves: 5 } }), 'wrong_type'],
    [
      'CVEs that are no objects',
      advisory({ ...one, name: 'RLSA-2024:2', raw: { cves: ['CVE-2024-1'] } }),
      'wrong_type',
    ],
    [
      'a severity that is a number',
      advisory({ ...one, name: 'RLSA-2024:2', raw: { severity: 3 } }),
      'wrong_type',
    ],
    ['no packages', advisory({ ...one, name: 'RLSA-2024:2', packages: [] }), 'no_packages'],
  ])('%s is a counted finding', async (_, value, reason) => {
    const sink = await read(one, { value });
    expect([rows(sink), counts(sink.ledger), sink.ledger.records]).toEqual([
      [said],
      { [`-${reason}`]: 1 },
      3,
    ]);
  });

  it.each([
    ['its rows', { packages: one.packages.map(packageRow) }, [['openssl', 1]], false],
    ['a row that is none', { packages: ['x'] }, [], true],
    ['no row', { packages: [] }, [], false],
    ['rows that are no list', { packages: 5 }, [], true],
  ] as const)(
    'an advisory that cannot be read leaves no clean result for what it names: %s',
    async (_, raw, packages, others) => {
      const { ledger } = await read(one, { ...one, name: 'RLSA', raw });
      expect(unreadCounts(ledger, 'rocky-9')).toEqual(packages);
      expect(unreadCounts(ledger, 'rocky-8')).toEqual([]);
      for (const major of ['8', '9']) expect(ledger.hasUnreadRecords(`rocky-${major}`)).toBe(others);
    },
  );

  it.each(['text', 7, []])('an advisory that is %j may be about any package', async (value) => {
    const { ledger } = await read(one, { value });
    expect(ledger.hasUnreadRecords('rocky-9')).toBe(true);
  });

  it('the kind of an advisory and its products may be written in another case', async () => {
    const packages = one.packages.map((each) => ({
      ...packageRow(each),
      product_name: 'ROCKY LINUX 9 x86_64',
    }));
    const sink = await read({ ...one, raw: { packages, kind: 'SECURITY', cves: [] } });
    expect(rows(sink).map((row) => row.split(' ').slice(0, 3).join(' '))).toEqual([`9 ${one.name} openssl`]);
  });

  it.each([
    ['without a nevra', { nevra: undefined }],
    ['with a nevra that is a number', { nevra: 5 }],
    ['with a name that is a path', { nevra: '../bash-0:5.1.8-9.el9.x86_64.rpm' }],
    ['without a release', { nevra: 'bash-5.1.8.x86_64.rpm' }],
    ['without an architecture', { nevra: 'bash-0:5.1.8-9' }],
    ['with an epoch that is none', { nevra: 'bash-x:5.1.8-9.el9.x86_64.rpm' }],
    ['with an epoch without end', { nevra: `bash-${'9'.repeat(40)}:5.1.8-9.el9.x86_64.rpm` }],
    ['with blanks', { nevra: 'bash-0:5.1.8-9 el9.x86_64.rpm' }],
    ['without a product', { product_name: null }],
    ['with half a module', { module_name: 'nodejs' }],
    ['with a module of odd characters', { module_name: 'a b', module_stream: '1' }],
    ['with a stream that is a number', { module_name: 'nodejs', module_stream: 18 }],
    ['that is no object', undefined],
  ])('a row %s is a counted finding, the others hold', async (_, members) => {
    const row = members && { ...packageRow('bash-5.1.8-9.el9.x86_64'), ...members };
    const sink = await read({ ...one, raw: { packages: [...one.packages.map(packageRow), row ?? 'x'] } });
    expect([rows(sink), counts(sink.ledger)]).toEqual([[said], { '-wrong_type': 1 }]);
    const { nevra } = { nevra: '', ...row };
    const known = typeof nevra === 'string' && nevra.startsWith('bash-');
    expect(unreadCounts(sink.ledger, 'rocky-9')).toEqual(known ? [['bash', 1]] : []);
    expect(sink.ledger.findings().find(({ reason }) => reason === 'wrong_type')!.examples[0]!.where).toMatch(
      /^rocky-advisories#page-00001\.json\/advisories\/0\/packages\/2/,
    );
  });

  it('an epoch that is not written is 0, and `.rpm` may be missing', async () => {
    const packages = [{ ...packageRow('bash-5.1.8-9.el9.x86_64'), nevra: 'bash-5.1.8-9.el9.x86_64' }];
    expect(rows(await read({ ...one, raw: { packages } }))).toEqual([
      '9 CVE-2024-1000 bash 0:5.1.8-9.el9 x86_64',
    ]);
  });

  it('a nevra of a megabyte of hyphens is read in no time', async () => {
    const packages = [
      ...one.packages.map(packageRow),
      { ...packageRow('a-1-1.x86_64'), nevra: `${'-'.repeat(2 ** 20)}!` },
    ];
    expect(counts((await read({ ...one, raw: { packages } })).ledger)).toEqual({ '-wrong_type': 1 });
  });

  it('many advisories in another form are refused at once', async () => {
    const strange = Array.from({ length: 8 }, (_, at) => ({ value: { updateinfo_id: `RLSA-2024:${at}` } }));
    await expect(read(...strange)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });

  it('several pages are one list', async () => {
    const many = Array.from({ length: 205 }, (_, at) => ({ ...one, name: `RLSA-2024:${at + 1}` }));
    const sink = await readAll({ advisories: many });
    expect([sink.statements.length, sink.ledger.used]).toEqual([205, 410]);
    expect(sink.statements.at(-1)!.advisories).toEqual(['RLSA-2024:205']);
  });

  it('evidence is the advisory, in its own bytes', async () => {
    const http = createHttp({
      mirror: writeRockyMirror({ advisories: [one, { ...one, name: 'RLSA-2024:2' }] }),
    });
    const store = openSnapshotStore(temporaryFolder());
    const source = rebuildSource(rocky, definition);
    const inputs = await source.fetch({ http, store, now: new Date(), progress: () => {} });
    await http.close();
    const of = (pointer: string) => source.evidence(inputs[0]!, pointer, inputs, store);
    const found = await of('RLSA-2024:2');
    expect(found!.place).toMatch(/#page-00001\.json\/advisories\/1$/);
    expect(JSON.parse(found!.bytes.toString())).toEqual(advisory({ ...one, name: 'RLSA-2024:2' }));
    for (const pointer of ['RLSA-2024:3', 'CVE-2024-1000', '', '../x'])
      expect(await of(pointer), pointer).toBeUndefined();
  });
});

describe('the OSV records', () => {
  it('that say the same are silent, as are those of what is told already', async () => {
    const cloud = 'kernel-4.18.0-425.10.1.el8_7.cloud.x86_64 - Rocky Linux SIG Cloud 8';
    const eight = { ...one, name: 'RLSA-2024:8', packages: ['bash-4.4.20-5.el8.x86_64'] };
    const sink = await readAll({
      advisories: [one, eight, { ...one, name: 'RXSA-2023:0101', packages: [cloud] }],
      osv: {
        a: osvRecord('RLSA-2024:1000', '9', ['CVE-2024-1000'], { openssl: '1:3.0.7-25.el9_3' }),
        b: osvRecord('RXSA-2023:0101', '8', ['CVE-2024-1000'], { kernel: '0:4.18.0-425.10.1.el8_7.cloud' }),
        c: osvRecord('RLSA-2024:3', '7', ['CVE-2024-1000'], { bash: '0:5-1.el7' }),
      },
    });
    expect(counts(sink.ledger)).toEqual({ '-other_product': 1 });
  });

  it('that say more or other than the advisories are told and make no statement', async () => {
    const sink = await readAll({
      advisories: [one],
      osv: {
        a: osvRecord('RLSA-2024:1000', '9', ['CVE-2024-1000', 'CVE-2024-7'], { openssl: '1:3.0.7-26.el9_3' }),
        b: osvRecord('RLSA-2024:9', '9', ['CVE-2024-9'], { bash: '0:5.1.8-9.el9' }),
        c: '{',
        d: { id: 'RLSA-2024:1', affected: [5] },
      },
    });
    expect(rows(sink)).toEqual([said]);
    expect(counts(sink.ledger)).toEqual({
      osv_fixed_differs: 1,
      osv_malformed: 2,
      osv_names_more: 1,
      osv_only: 1,
    });
  });
});

const pages = 'vendors/rocky/MaineK00n+vuls-data-update/pkg/fetch/rocky/errata/testdata/fixtures/happy';

describe.skipIf(!hasData(pages))('real pages of the API', () => {
  const real = [1, 2].flatMap((page) => {
    const text = readFileSync(dataPath(pages, `page${page}.json`), 'utf8');
    return (JSON.parse(text) as { advisories: { packages: object[] }[] }).advisories;
  });

  it('are read with every row a statement or a counted finding', async () => {
    const sink = await read(...real.map((value) => ({ value })));
    const all = real.flatMap(({ packages }) => packages).length;
    expect([sink.ledger.records, sink.platforms.map(({ platform }) => platform.id)]).toEqual([
      all,
      ['rocky-10'],
    ]);
    expect(counts(sink.ledger)).toEqual({
      '-debug_package': 38,
      '-no_vulnerability': 16,
      '-source_package': 24,
    });
    expect(new Set(rows(sink))).toEqual(
      new Set(
        [
          'delve',
          'go-toolset',
          'golang',
          'golang-bin',
          'golang-docs',
          'golang-misc',
          'golang-race',
          'golang-src',
          'golang-tests',
        ].map((name) =>
          name === 'delve'
            ? '10 CVE-2025-58183 delve 0:1.25.2-1.el10_1 aarch64+ppc64le+x86_64'
            : `10 CVE-2025-58183 ${name} 0:1.25.3-1.el10_1`,
        ),
      ),
    );
  });

  it('have the members of those that tests are made of', () => {
    const page = JSON.parse(readFileSync(dataPath(pages, 'page1.json'), 'utf8'));
    const made = JSON.parse(pageText([one]));
    expect(Object.keys(made).sort()).toEqual(Object.keys(page).sort());
    const [[own], [theirs]] = [made.advisories, page.advisories];
    expect(Object.keys(own).sort()).toEqual(Object.keys(theirs).sort());
    expect(Object.keys(own.packages[0]).sort()).toEqual(Object.keys(theirs.packages[0]).sort());
  });
});

describe('an advisory that was made to take long', () => {
  it('has a description of blanks', async () => {
    const description = `* ${' '.repeat(200_000)}\n* openssl: a leak (CVE-2024-1000)\n`;
    const sink = await read({ ...one, description });
    expect(sink.vulnerabilities).toEqual([{ id: 'CVE-2024-1000', title: 'openssl: a leak' }]);
  });

  it('has half of its rows of sources and debug symbols', async () => {
    const packages = Array.from({ length: 20_000 }, (_, at) =>
      at % 2 === 0 ? `a${at}-1-1.el9.src` : `a${at}-debuginfo-1-1.el9.x86_64`,
    );
    const sink = await read({ ...one, packages: [...one.packages, ...packages] });
    expect(rows(sink)).toEqual([said]);
    expect(counts(sink.ledger)).toEqual({ '-source_package': 10_000, '-debug_package': 10_000 });
  });

  it('names more modules than a build can be of: its rows are counted, not multiplied', async () => {
    const modules = Array.from({ length: 200 }, (_, at) => `httpd-2.4.37-1.module+el8+${at}.x86_64 m${at}:1`);
    const nameless = 'mod_http2-1.15.7-2.module+el8.6.0+823.x86_64';
    const sink = await read({ ...one, packages: [...modules, nameless] });
    expect(counts(sink.ledger)).toEqual({ '-module_unknown': 1 });
  });
});
