import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPatches } from '../../../src/sources/oval/read-patches.ts';
import { criteria, criterion, type PatchDefinition, patchOval } from '../../support/patch-oval.ts';

async function* pieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const readAll = async (body: AsyncIterable<Uint8Array>, where: string) => [
  ...(await readPatches(body, where)),
];
const readText = (text: string | Buffer) => readAll(pieces(Buffer.from(text)), 'vendor.xml');
const read = (...definitions: readonly PatchDefinition[]) => readText(patchOval(definitions));

const one: PatchDefinition = {
  advisory: 'ALSA-2024:1',
  cves: ['CVE-2024-1000', 'CVE-2024-1001'],
  rows: ['bash < 0:5.1.8-9.el9 aarch64|x86_64', 'bash-doc < 0:5.1.8-9.el9'],
};

const ways = (text: string, rows = one.rows) => read({ ...one, rows, criteria: text });
const tests = (...names: readonly string[]) => names.map((name) => criterion(name));

describe("a vendor's OVAL of patches", () => {
  it('becomes rows by package, build, architecture and module, with what is told of the advisory', async () => {
    const modular = {
      advisory: 'ALSA-2024:2',
      rows: ['nodejs < 1:18.17.1-1.module_el9.2.0+36+853e48f5 nodejs:18'],
    };
    const [first, second] = await read(one, modular);
    expect(first).toEqual({
      id: 'oval:made.up:def:0',
      title: 'ALSA-2024:1: an update (Important)',
      description: '* a flaw (CVE-2024-1000)',
      severity: 'Important',
      issued: '2024-05-02',
      updated: '2024-05-03',
      references: [
        { source: 'ALSA', id: 'ALSA-2024:1', url: 'https://errata.example.test/ALSA-2024:1' },
        { source: 'CVE', id: 'CVE-2024-1000', url: '' },
        { source: 'CVE', id: 'CVE-2024-1001', url: '' },
      ],
      cves: ['CVE-2024-1000', 'CVE-2024-1001'],
      patchable: '',
      rows: [
        { name: 'bash', below: '0:5.1.8-9.el9', arch: ['aarch64', 'x86_64'] },
        { name: 'bash-doc', below: '0:5.1.8-9.el9' },
      ],
      faults: [],
      unread: [],
    });
    expect(second!.rows).toEqual([
      { name: 'nodejs', below: '1:18.17.1-1.module_el9.2.0+36+853e48f5', module: 'nodejs:18' },
    ]);
  });

  it('is the same in pieces of any size, compressed or not', async () => {
    const text = Buffer.from(patchOval([one]));
    const whole = await readText(text);
    for (const size of [1, 7, 100_000]) expect(await readAll(pieces(text, size), '')).toEqual(whole);
    expect(await readAll(pieces(gzipSync(text)), '')).toEqual(whole);
  });

  it('a stream with a dot, an epoch that is left out', async () => {
    const [patch] = await read({ ...one, rows: ['ruby < 2.5.5-105.module_el8.1.0+214+9be47fd7 ruby:2.5'] });
    expect(patch!.rows).toEqual([
      { name: 'ruby', below: '0:2.5.5-105.module_el8.1.0+214+9be47fd7', module: 'ruby:2.5' },
    ]);
  });

  it.each<[string, string, string]>([
    [
      'two packages at once',
      criteria('AND', ...tests('package-0', 'package-1')),
      'needs 2 packages at once: bash, bash-doc',
    ],
    [
      'negated criteria',
      '<criteria negate="true"><criterion test_ref="package-0"/></criteria>',
      'criteria that are negated',
    ],
    ['a negated test', criteria('AND', criterion('package-0', ' negate="true"')), 'a test that is negated'],
    [
      'an operator that is not AND or OR',
      criteria('XOR', ...tests('package-0', 'package-1')),
      'criteria with XOR',
    ],
    [
      'a test that is not there',
      criteria('OR', criterion('gone')),
      'the document has no test oval:made.up:tst:0-gone',
    ],
    ['no package', criteria('OR', criterion('installed')), 'true without a package'],
    [
      'another definition',
      '<criteria><extend_definition definition_ref="oval:made.up:def:9"/><criterion test_ref="package-0"/></criteria>',
      'extends oval:made.up:def:9',
    ],
  ])('%s: no row, and a fault that says so', async (_, text, fault) => {
    const [patch] = await ways(text);
    expect([patch!.rows, patch!.faults]).toEqual([[], [fault]]);
  });

  it('what can be said of a definition is said beside what cannot', async () => {
    const [patch] = await ways(
      criteria('OR', criterion('package-0'), criteria('AND', ...tests('package-0', 'package-1'))),
    );
    expect([patch!.rows, patch!.faults.length]).toEqual([
      [{ name: 'bash', below: '0:5.1.8-9.el9', arch: ['aarch64', 'x86_64'] }],
      1,
    ]);
  });

  it.each([
    ['a version that is none', ['bash < x:1-2-3']],
    ['a name that is a path', ['../bash < 0:1-1']],
    ['architectures that are a pattern', ['bash < 0:1-1 x86_.*']],
  ])('%s: a fault with the test', async (_, rows) => {
    const [patch] = await read({ ...one, rows });
    expect([patch!.rows, patch!.faults]).toEqual([
      [],
      ['test oval:made.up:tst:0-package-0 of linux/rpminfo'],
    ]);
  });

  const gone = criterion('gone');
  it.each<[string, string[], string]>([
    ['of a test: its package', ['bash'], criteria('OR', ...tests('package-0', 'package-1'))],
    [
      'beside a package: that one',
      ['bash-doc'],
      criteria('OR', ...tests('package-1'), criteria('AND', gone, ...tests('package-1'))),
    ],
    [
      'of packages at once: all of them',
      ['bash', 'bash-doc'],
      criteria('AND', ...tests('package-0', 'package-1')),
    ],
    ['of negated criteria: theirs', ['bash-doc'], criteria('OR', criterion('package-1', ' negate="true"'))],
    [
      'of criteria with another operator: theirs',
      ['bash', 'bash-doc'],
      criteria('XOR', ...tests('package-0', 'package-1')),
    ],
    [
      'without a name: all of the definition',
      ['bash', 'bash-doc'],
      criteria('OR', gone, ...tests('key-0', 'key-1')),
    ],
    [
      'of what is never true: all of the definition',
      ['bash'],
      criteria('AND', criterion('absent'), ...tests('package-0')),
    ],
    [
      'of too many ways: all of the definition',
      ['bash', 'bash-doc'],
      criteria(
        'AND',
        ...Array.from({ length: 60 }, () => criteria('OR', ...tests('package-0', 'package-1'))),
      ),
    ],
  ])('packages of a fault %s', async (_, names, text) => {
    const rows = ['bash < 0:5.1.8-9.el9 x86_.*', one.rows[1]!];
    const [patch] = await ways(text, rows);
    expect(patch!.faults.length).toBeGreaterThan(0);
    expect(patch!.unread).toEqual(names);
  });

  it.each([
    ['of one name: that', '^bash\\.x$', ['bash.x']],
    ['of others: all names of the definition', '^bash.$', ['bash-doc']],
  ])('a package that is named by a pattern %s', async (_, pattern, names) => {
    const text = patchOval([{ ...one, criteria: criteria('OR', ...tests('package-0', 'package-1')) }]);
    const named = text.replace('<red-def:name>bash<', `<red-def:name operation="pattern match">${pattern}<`);
    expect((await readText(named))[0]!.unread).toEqual(names);
  });

  it('a release is no package of a fault', async () => {
    const [patch] = await read({ ...one, rows: ['made-release < x', 'bash < x'] });
    expect([patch!.rows, patch!.unread]).toEqual([[], ['bash']]);
  });

  it('a definition of another class is a fault', async () => {
    const [patch] = await read({ ...one, kind: 'vulnerability' });
    expect([patch!.rows, patch!.faults]).toEqual([[], ['of class vulnerability']]);
  });

  it('criteria that multiply are a fault, and take no time', async () => {
    const pair = criteria('OR', ...tests('package-0', 'package-1'));
    const [patch] = await ways(criteria('AND', ...Array.from({ length: 60 }, () => pair)));
    const many = criteria('AND', ...Array.from({ length: 3000 }, () => criterion('package-0')));
    const [long] = await ways(many);
    for (const each of [patch!, long!])
      expect([each.rows, each.faults]).toEqual([
        [],
        ['more than 20000 ways of being true, or 1000000 conditions'],
      ]);
  });

  it.each([
    ['no XML', 'nothing'],
    ['another document', '<?xml version="1.0"?><html/>'],
    ['an end in the middle', patchOval([one]).slice(0, -100)],
    [
      'a document type',
      patchOval([one]).replace('<oval_definitions', '<!DOCTYPE x [<!ENTITY a "b">]><oval_definitions'),
    ],
    [
      'nesting without end',
      patchOval([{ ...one, criteria: `${'<criteria>'.repeat(5000)}${'</criteria>'.repeat(5000)}` }]),
    ],
    [
      'an id that is there twice',
      patchOval([one]).replace('</definitions>', '<definition id="oval:made.up:def:0"/></definitions>'),
    ],
  ])('%s is refused', async (_, text) => {
    await expect(readText(text)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED', where: 'vendor.xml' });
  });

  it('ids that are names of members of objects are ids', async () => {
    const text = patchOval([{ ...one, criteria: criteria('OR', criterion('package-0')) }]).replaceAll(
      'oval:made.up:def:0',
      '__proto__',
    );
    expect((await readText(text)).map(({ id, rows }) => [id, rows.length])).toEqual([['__proto__', 1]]);
    const unknown = patchOval([{ ...one, criteria: criteria('OR', criterion('x')) }]).replaceAll(
      'oval:made.up:tst:0-x',
      'constructor',
    );
    expect((await readText(unknown))[0]!.faults).toEqual(['the document has no test constructor']);
  });
});
