import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createSource, definition, source } from '../../../src/distros/gentoo/source.ts';
import { openSnapshotStore } from '../../../src/sources/snapshots.ts';
import { dataPath, hasData, jsonIn } from '../../support/data.ts';
import { misbehaviours, send, webPage } from '../../support/misbehaviour.ts';
import { expectLastKept, readSource } from '../../support/read-source.ts';
import {
  bodyOf,
  type CollectingSink,
  collectingSink,
  findingCounts,
  flawSink,
} from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { unreadCounts } from '../../support/unread.ts';
import {
  glsaArchive,
  glsaArchiveOf,
  glsaText,
  type MadeGlsa,
  retoldGlsas,
  writeGentooMirror,
} from './world.ts';

async function readMirror(world: Readonly<Record<string, MadeGlsa>> | Buffer): Promise<CollectingSink> {
  return readSource(source, writeGentooMirror(world), { sink: flawSink('gentoo') });
}

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ package: name, vulnerability, range, severity, arch = [] }) =>
    [name, vulnerability, range, severity, ...arch].join(' '),
  );

const zlib: MadeGlsa = { cves: ['CVE-2024-1001'], packages: ['sys-libs/zlib: lt 1.3.1, not ge 1.3.1'] };
const zlibRow = 'sys-libs/zlib CVE-2024-1001 <1.3.1|!>=1.3.1 medium';

describe('advisories of Gentoo', () => {
  it('one of too many flaws of too many packages is counted, and its packages are unread', async () => {
    const number = (at: number) => String(at).padStart(4, '0');
    const names = Array.from({ length: 800 }, (_, at) => `a/b${number(at)}`);
    const large = {
      cves: names.map((_, at) => `CVE-2024-${number(at)}`),
      packages: names.map((name) => `${name}: lt 2`),
    };
    const sink = await readMirror({ '202405-01': large, '202405-02': zlib });
    expect(rows(sink)).toEqual([zlibRow]);
    expect(findingCounts(sink.ledger)).toEqual({ '-too_many_flaws': 1 });
    expect(unreadCounts(sink.ledger, 'gentoo-rolling')).toHaveLength(800);
  });

  it('are about every CVE and every package that they name', async () => {
    const sink = await readMirror({
      '202405-01': {
        cves: ['CVE-2024-1000', 'CVE-2023-9000'],
        packages: [
          'dev-lang/python: lt 3.12.4 slot 3.12, lt 3.11.9 slot 3.11, not ge 3.12.4 slot 3.12, not ge 3.11.9 slot 3.11',
          '[x86 amd64] app-misc/old: le 2, not rge 1.2-r3, not eq 1.3*',
        ],
        impact: 'high',
      },
      '202405-02': zlib,
    });
    const python = '<3.12.4:3.12|<3.11.9:3.11|!>=3.12.4:3.12|!>=3.11.9:3.11';
    expect(rows(sink)).toEqual([
      `dev-lang/python CVE-2023-9000 ${python} high`,
      `dev-lang/python CVE-2024-1000 ${python} high`,
      'app-misc/old CVE-2023-9000 <=2|!~>=1.2-r3|!=1.3* high amd64 x86',
      'app-misc/old CVE-2024-1000 <=2|!~>=1.2-r3|!=1.3* high amd64 x86',
      zlibRow,
    ]);
    expect(sink.statements[0]).toMatchObject({
      ...{ platform: 'gentoo-rolling', status: 'affected', fixState: 'none_yet', subject: 'binary' },
      ...{ advisories: ['GLSA-202405-01'], evidence: 'gentoo-glsa#{advisory}' },
    });
    expect([sink.ledger.records, sink.ledger.used]).toEqual([2, 2]);
    expect(findingCounts(sink.ledger)).toEqual({});
  });

  it('ids of CVEs are read as people wrote them', async () => {
    const sink = await readMirror({
      '200404-01': {
        packages: zlib.packages!,
        references: [
          ['CAN 2004-1154', 'https://cve.mitre.org/'],
          ['CVE‑2021‑1076', 'https://nvd.nist.gov/'],
          ['CVE (1)', 'https://cve.mitre.org/cgi-bin/cvename.cgi?name=CAN-2004-0107'],
          ['CAN-2003-0542 (under review)', 'https://cve.mitre.org/cgi-bin/cvename.cgi?name=CAN-2003-0001'],
          ['CVE-2020-1000, CVE-2020-1001', 'https://x.example'],
          ['CVE pending', 'https://x.example'],
          ['the NVD', 'https://nvd.nist.gov'],
        ],
      },
    });
    expect(sink.statements.map(({ vulnerability }) => vulnerability)).toEqual([
      ...[
        'CVE-2003-0542',
        'CVE-2004-0107',
        'CVE-2004-1154',
        'CVE-2020-1000',
        'CVE-2020-1001',
        'CVE-2021-1076',
        // The pending one.
        'GLSA-200404-01',
      ],
    ]);
    expect(findingCounts(sink.ledger)).toEqual({ unread_reference: 1 });
  });

  it('what says nothing of a package or a CVE is counted', async () => {
    const sink = await readMirror({
      '200312-01': { ...zlib, product: 'infrastructure' },
      '200312-02': { cves: ['CVE-2024-1000'] },
      '200312-03': { packages: zlib.packages! },
      '200312-04': { cves: ['CVE-2024-1000'], packages: ['app-misc/a: not ge 1'] },
      '200312-05': { ...zlib, packages: [...zlib.packages!, 'app-misc/a: not ge 1'], impact: 'awful' },
    });
    expect(rows(sink)).toContain(zlibRow.replace('medium', 'unknown'));
    // Of old: a flaw without a CVE has the id of its advisory.
    expect(sink.statements.map(({ vulnerability }) => vulnerability)).toContain('GLSA-200312-03');
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([
      5,
      2,
      {
        '-no_packages': 2,
        '-no_affected_entry': 1,
        unknown_severity: 1,
        no_vulnerable_version: 1,
      },
    ]);
  });

  it.each<MadeGlsa>([
    { ...zlib, product: 'infrastructure' },
    { cves: ['CVE-2024-1000'] },
    { cves: ['CVE-2024-1000'], packages: ['app-misc/a: not ge 1'] },
  ])(
    'an archive of advisories that affect no package is refused: every image would look clean',
    async (glsa) => {
      await expect(readMirror({ '200312-01': glsa })).rejects.toMatchObject({
        ...{
          code: 'SOURCE_MALFORMED',
          message: 'expected advisories that affect packages, found none among 1',
        },
      });
    },
  );

  it('an id a second time is counted, whatever folder it is in', async () => {
    const text = glsaText('202405-02', zlib);
    const sink = await readMirror(
      glsaArchive({ 'glsa-202405-02.xml': text, 'metadata/glsa/glsa-202405-02.xml': text }),
    );
    expect(rows(sink)).toEqual([zlibRow]);
    expect(findingCounts(sink.ledger)).toEqual({ '-duplicate_record': 1 });
    expect(unreadCounts(sink.ledger, 'gentoo-rolling')).toEqual([]);
  });

  it('one that says something else leaves its packages unread', async () => {
    const sink = await readMirror(
      glsaArchive({
        'glsa-202405-02.xml': glsaText('202405-02', zlib),
        'metadata/glsa/glsa-202405-02.xml': glsaText('202405-02', {
          ...zlib,
          packages: ['sys-libs/zlib: lt 1.4', 'app-misc/a: lt 2'],
        }),
      }),
    );
    expect(rows(sink)).toEqual([zlibRow]);
    expect(findingCounts(sink.ledger)).toEqual({ '-wrong_type': 1 });
    expect(unreadCounts(sink.ledger, 'gentoo-rolling')).toEqual([
      ['sys-libs/zlib', 1],
      ['app-misc/a', 1],
    ]);
  });

  it.each([
    ['none', {}],
    [
      'none that affects a package',
      { 'glsa-200312-01.xml': glsaText('200312-01', { product: 'infrastructure' }) },
    ],
  ])('a stored archive of advisories is refused, too: %s', async (_, files) => {
    const store = openSnapshotStore(temporaryFolder());
    const input = await store.save(
      { id: 'gentoo-glsa', source: 'gentoo', url: 'https://example.test/glsa.tar.gz' },
      bodyOf(glsaArchive(files)),
    );
    await expect(source.read([input], store, collectingSink('gentoo'))).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
    });
  });

  const bomb =
    '<!DOCTYPE glsa [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>';

  it.each<[string, (text: string) => string]>([
    ['a range of another word', (text) => text.replace('range="lt"', 'range="less"')],
    ['a version of another form', (text) => text.replace('>7.88<', '>7.88-1<')],
    ['a prefix after another operator', (text) => text.replace('>7.88<', '>7.88*<')],
    ['a slot of another form', (text) => text.replace('range="lt"', 'range="lt" slot="a b"')],
    ['another kind of versions', (text) => text.replaceAll('vulnerable', 'affected')],
    ['another id', (text) => text.replace('id="202405-01"', 'id="202405-09"')],
    ['architectures of another form', (text) => text.replace('arch="*"', 'arch="x86, amd64"')],
    ['an end in the middle', (text) => text.slice(0, -40)],
    ['more than a title', (text) => text.replace('A flaw<', `${'x'.repeat(5000)}<`)],
  ])('one with %s leaves its packages unread', async (_, change) => {
    const curl = glsaText('202405-01', {
      cves: ['CVE-2024-2000'],
      packages: ['net-misc/curl: lt 7.88, not ge 7.88', 'dev-libs/libcurl: lt 7, not ge 7'],
    });
    const changed = change(curl);
    expect(changed).not.toBe(curl);
    const sink = await readMirror(
      glsaArchive({ 'glsa-202405-01.xml': changed, 'glsa-202405-02.xml': glsaText('202405-02', zlib) }),
    );
    expect(rows(sink)).toEqual([zlibRow]);
    expect(findingCounts(sink.ledger)).toEqual({ '-wrong_type': 1 });
    const unread = unreadCounts(sink.ledger, 'gentoo-rolling');
    if (_ !== 'more than a title')
      expect(unread).toEqual([
        ['net-misc/curl', 1],
        ['dev-libs/libcurl', 1],
      ]);
  });

  it.each([
    ['entities of its own', glsaText('202405-01', { ...zlib, doctype: bomb, title: '&c;' })],
    ['an entity that nobody declared', glsaText('202405-01', { ...zlib, title: '&c;' })],
    [
      'two document types',
      glsaText('202405-01', { ...zlib, doctype: '<!DOCTYPE glsa SYSTEM "a"><!DOCTYPE glsa SYSTEM "b">' }),
    ],
    ['another root', '<html><glsa id="202405-01"/></html>'],
    ['no XML', 'not found'],
  ])('one with %s is refused, and what it is about is not known', async (_, text) => {
    const sink = await readMirror(
      glsaArchive({ 'glsa-202405-01.xml': text, 'glsa-202405-02.xml': glsaText('202405-02', zlib) }),
    );
    expect(rows(sink)).toEqual([zlibRow]);
    expect(findingCounts(sink.ledger)).toEqual({ '-wrong_type': 1 });
    expect(sink.ledger.hasUnreadRecords('gentoo-rolling')).toBe(true);
  });

  const one =
    'vendors2/gentoo/MaineK00n+vuls-data-update/pkg/fetch/gentoo/testdata/fixtures/glsa/data/glsa-202305-28.xml';

  it.skipIf(!hasData(one))('one of Gentoo itself, with its evidence', async () => {
    const archive = glsaArchive({ 'glsa-202305-28.xml': readFileSync(dataPath(one), 'utf8') });
    expect(rows(await readMirror(archive))).toEqual(
      [...['CVE-2017-18640', 'CVE-2022-38749', 'CVE-2022-38750', 'CVE-2022-38751', 'CVE-2022-38752']].map(
        (cve) => `dev-java/snakeyaml ${cve} <1.33|!>=1.33 low`,
      ),
    );
  });

  const real = 'vendors2/gentoo/glsa-json.tar.xz';

  it.skipIf(!hasData(real))('those of 2003 to 2024: each one is used or counted', async () => {
    const sink = await readMirror(glsaArchive(retoldGlsas(jsonIn(real))));
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([
      2629,
      2627,
      { '-no_packages': 2, no_vulnerable_version: 2 },
    ]);
    expect(sink.statements).toHaveLength(25_080);
  });
});

describe('a fetch that fails leaves the last good snapshot', () => {
  const good = glsaArchiveOf({ '202405-02': zlib });

  it.each([
    // The bodies of the others are no archives.
    ...misbehaviours.filter(({ name }) => !name.startsWith('a body')),
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_MALFORMED' },
    { name: 'no advisories', behaviour: send(glsaArchive({ a: 'b' })), code: 'SOURCE_MALFORMED' },
    { name: 'an end in the middle', behaviour: send(good.subarray(0, -20)), code: 'SOURCE_MALFORMED' },
    {
      name: 'advisories in another form',
      behaviour: send(glsaArchive({ 'glsa-202405-02.xml': '<a/>' })),
      code: 'SOURCE_MALFORMED',
    },
  ])('$name', (bad) =>
    expectLastKept((archive) => createSource({ ...definition, archive }), ['/glsa.tar.gz', good], bad),
  );
});
