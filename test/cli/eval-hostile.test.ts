import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compiledWith, linesOf } from '../comply/support/compiled-with.ts';
import { lineCheck } from '../comply/support/small-content.ts';
import { vendorOval } from '../comply/support/vendor-oval.ts';
import { rootWith, scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { zipOf } from '../support/zip.ts';

const ns = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const whole = vendorOval([{ number: 1001, package: 'bash', below: '0:9' }], { type: 'deb' });
const root = rootWith({
  'var/lib/dpkg/status': stanza('acme-release', '9.1-1') + stanza('bash', '5.2-2'),
  'etc/os-release': 'ID=acme\nVERSION_ID=9\n',
  'etc/x': `${'a'.repeat(40)}b\n`,
});
/** Hostile documents must not need more memory than this. */
const smallHeap = { NODE_OPTIONS: '--max-old-space-size=700' };

/** `eval` and `compile` refuse a document and leave nothing behind. */
function refused(bytes: string | Buffer, code: string, says = '') {
  const folder = temporaryFolder();
  const file = join(folder, 'content');
  writeFileSync(file, bytes);
  const runs = [
    ['eval', `dir:${root}`, '--content', file, '-o', `json=${join(folder, 'out.json')}`],
    ['compile', file, '-o', join(folder, 'out.jsonl')],
  ];
  for (const run of runs) {
    const { code: exit, err, out } = scapfeed(run, smallHeap);
    expect(err).toContain(`[${code}]`);
    expect(err).toContain(says);
    expect({ exit, out }).toEqual({ exit: 3, out: '' });
    expect(readdirSync(folder)).toEqual(['content']);
  }
}

describe('eval and compile refuse by name, with exit 3 and nothing written', { timeout: 120_000 }, () => {
  const start = `<oval_definitions xmlns="${ns}"><definitions>`;
  const blank = Buffer.alloc(16 * 300_000, '<!-- nothing -->');
  const pack =
    (tool: string, ...args: string[]) =>
    (bytes: Buffer | string) =>
      spawnSync(tool, [...args, '-c'], { input: bytes, maxBuffer: 1 << 28 }).stdout;

  it.each([
    ['bzip2', pack('bzip2')],
    ['gzip', (bytes: Buffer | string) => gzipSync(bytes)],
    ['xz', pack('xz', '-0')],
    ['zstd', (bytes: Buffer | string) => zstdCompressSync(Buffer.from(bytes))],
  ])('a bomb in %s', (_, packed) => {
    const part = packed(blank);

    refused(Buffer.concat([packed(start), ...Array<Buffer>(4).fill(part)]), 'SOURCE_TOO_LARGE');
  });

  it('a million tests', () => {
    const tests = Array.from({ length: 1_000_001 }, (_, at) => `<x id="${at}"/>`).join('');

    refused(
      `<oval_definitions xmlns="${ns}"><tests>${tests}</tests></oval_definitions>`,
      'CONTENT_MALFORMED',
      'more than 1000000 definitions, tests',
    );
  });

  it.each<[string, string | Buffer, string]>([
    ['a document cut in the middle', whole.slice(0, whole.length / 2), 'unclosed tag'],
    [
      'an entity bomb',
      whole.replace('<oval_definitions', '<!DOCTYPE x [<!ENTITY a "aa">]><oval_definitions'),
      'document type',
    ],
    ['another namespace', whole.replaceAll('oval-definitions-5', 'oval-definitions-4'), 'oval-definitions-4'],
    ['an id that is there twice', whole.replaceAll('tst:1001"', 'tst:1"'), 'found oval:com.acme:tst:1 twice'],
    ['elements without end', `${start}${'<definition id="a">'.repeat(300)}`, 'deeper than 200'],
    ['a tag without end', `${start}<definition id="${'a'.repeat(68_000_000)}`, 'longer than 64 MB'],
    ['a zip with ../', zipOf({ '../x.xml': whole }), ''],
    ['a web page', '<!DOCTYPE html><html></html>', ''],
    ['no text', Buffer.from([0, 1, 2, 3, 0xff, 0xfe]), ''],
  ])('%s', (_, bytes, says) => {
    refused(bytes, 'CONTENT_MALFORMED', says);
  });
});

it('definitions that extend each other have the same result compiled', () => {
  const folder = temporaryFolder();
  const cycle = vendorOval(
    [
      { number: 1001, package: 'bash', below: '0:9' },
      { number: 1002, package: 'bash', below: '0:9' },
    ],
    { type: 'deb' },
  )
    .replace(
      '<criterion test_ref="oval:com.acme:tst:1001"',
      '<extend_definition definition_ref="oval:com.acme:def:1002"',
    )
    .replace(
      '<criterion test_ref="oval:com.acme:tst:1002"',
      '<extend_definition definition_ref="oval:com.acme:def:1001"',
    );
  writeFileSync(join(folder, 'cycle.xml'), cycle);
  const compiled = join(folder, 'cycle.jsonl');
  expect(scapfeed(['compile', join(folder, 'cycle.xml'), '-o', compiled]).code).toBe(0);
  for (const file of [join(folder, 'cycle.xml'), compiled])
    expect(scapfeed(['eval', `dir:${root}`, '--content', file]).out).toContain(
      'vulnerability: 2 not evaluated',
    );
});

it('a pattern that never ends leaves its definition undecided, and the gate closed', {
  timeout: 60_000,
}, () => {
  const file = join(temporaryFolder(), 'pattern.xml');
  writeFileSync(file, lineCheck('/etc/x', '^(a+)+(a+)+(a+)+$'));
  const { code, out } = scapfeed(['eval', `dir:${root}`, '--content', file, '--fail-on', 'any']);

  expect(out).toMatch(/^(?:error|unknown) +compliance/m);
  expect(code).toBe(4);
});

it('compiled OVAL from another program is not run', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'x.jsonl');
  writeFileSync(file, '{"format":3,"kind":"scapfeed-oval","tool":"x"}\n{"head":[0,10],"size":9}\n');
  const { code, err } = scapfeed(['eval', `dir:${root}`, '--content', file]);

  expect(code).toBe(3);
  expect(err).toContain('[CONTENT_MALFORMED]');
  expect(existsSync(join(folder, 'out'))).toBe(false);
});

describe('compiled OVAL that another program wrote, its checksums right,', { timeout: 120_000 }, () => {
  const source = Buffer.from(
    whole.replace('</criteria>', '<extend_definition definition_ref="oval:com.acme:def:7"/></criteria>'),
  );
  const lines = linesOf(source);

  function forged(nth: number, change: (line: Record<string, unknown>) => object): string {
    const file = join(temporaryFolder(), 'forged.jsonl');
    const bytes = compiledWith(source, (json, at) =>
      at === nth ? JSON.stringify(change(JSON.parse(json))) : json,
    );
    writeFileSync(file, bytes);
    return file;
  }

  const lineWith = (text: string) => lines.findIndex((line) => line.includes(text));
  const headLine = lines.length - 2;
  const deep = (levels: number): object => {
    let criteria: object = { children: [] };
    for (let level = 0; level < levels; level++) criteria = { children: [{ criteria }] };
    return criteria;
  };
  const inHead = (members: object) => (head: Record<string, unknown>) => ({
    ...head,
    documents: (head['documents'] as object[]).map((document) => ({ ...document, ...members })),
  });

  it.each<[string, string]>([
    ['a head without documents', forged(headLine, ({ info }) => ({ info }))],
    ['lists that are none', forged(headLine, inHead({ groups: 7, tests: null }))],
    [
      'a place behind the end',
      forged(headLine, inHead({ packages: { deb: [1e12, 1e15], rpm: [-1, 2 ** 53] } })),
    ],
    ['huge counts', forged(headLine, inHead({ bucketCount: 1e308, uncompiled: [['x', 'inventory']] }))],
    ['a definition that is none', forged(lineWith('def:1001'), ({ key }) => ({ key, value: 7 }))],
    ['deep criteria', forged(lineWith('def:1001'), ({ key }) => ({ key, value: { criteria: deep(700) } }))],
  ])('%s: ends with a named error', (_, file) => {
    const { code, err, out } = scapfeed(['eval', `dir:${root}`, '--content', file], smallHeap);
    expect(err).toContain('[CONTENT_MALFORMED]');
    expect({ code, out }).toEqual({ code: 3, out: '' });
  });
});

describe('OVAL whose definitions extend each other', { timeout: 120_000 }, () => {
  const family =
    `<tests><ind:family_test xmlns:ind="${ns}#independent" id="oval:x:tst:1" version="1" check="all" comment="c">` +
    '<ind:object object_ref="oval:x:obj:1"/></ind:family_test></tests>' +
    `<objects><ind:family_object xmlns:ind="${ns}#independent" id="oval:x:obj:1" version="1"/></objects>`;
  const definition = (id: string, criteria: string) =>
    `<definition id="${id}" version="1" class="vulnerability"><metadata><title>t</title></metadata><criteria>${criteria}</criteria></definition>`;
  const document = (definitions: string) =>
    `<oval_definitions xmlns="${ns}"><definitions>${definitions}</definitions>${family}</oval_definitions>`;

  /** Counts by `eval` of a document, and of what `compile` made of it. */
  function counts(text: string) {
    const folder = temporaryFolder();
    const [file, compiled] = [join(folder, 'x.xml'), join(folder, 'x.jsonl')];
    writeFileSync(file, text);
    expect(scapfeed(['compile', file, '-o', compiled])).toMatchObject({ code: 0 });
    return [file, compiled].map((content) => {
      const { code, out, err } = scapfeed(['eval', `dir:${root}`, '--content', content, '-o', 'json']);
      expect(code, err).toBe(0);
      return (JSON.parse(out) as { counts: object }).counts;
    });
  }

  it('twice at each of 60 levels are evaluated once each', () => {
    const levels = Array.from({ length: 60 }, (_, at) => {
      const next = `<extend_definition definition_ref="oval:x:def:${at + 2}"/>`;
      return definition(
        `oval:x:def:${at + 1}`,
        at === 59 ? '<criterion test_ref="oval:x:tst:1"/>' : next + next,
      );
    });
    const all = { vulnerability: { true: 60 } };
    expect(counts(document(levels.join('')))).toEqual([all, all]);
  });

  it('a definition called __proto__ is one as any other', () => {
    const one = { vulnerability: { true: 1 } };
    expect(counts(document(definition('__proto__', '<criterion test_ref="oval:x:tst:1"/>')))).toEqual([
      one,
      one,
    ]);
  });
});
