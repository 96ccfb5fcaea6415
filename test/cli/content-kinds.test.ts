import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { vendorOval } from '../comply/support/vendor-oval.ts';
import { rootWith, scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { zipOf } from '../support/zip.ts';

const root = rootWith({
  'var/lib/dpkg/status': stanza('acme-release', '9.1-1') + stanza('bash', '5.2-2'),

  'etc/os-release': 'ID=acme\nVERSION_ID=9\n',
});
const whole = vendorOval(
  [
    { number: 1001, package: 'bash', below: '0:9', severity: 'Important' },
    { number: 1002, package: 'zlib', below: '0:9' },
  ],
  { type: 'deb' },
).replace('<linux:name>zlib', '<linux:name>zläb');

function fileOf(bytes: string | Buffer): string {
  const file = join(temporaryFolder(), 'content');
  writeFileSync(file, bytes);
  return file;
}

/** Results of `eval` for a document, equal to those for its compiled form. */
function results(bytes: string | Buffer) {
  const file = fileOf(bytes);
  const compiled = `${file}.jsonl`;
  expect(scapfeed(['compile', file, '-o', compiled])).toMatchObject({ code: 0 });
  return [file, compiled].map((content) => {
    const run = scapfeed(['eval', `dir:${root}`, '--content', content, '--all', '-o', 'json']);
    expect(run.code, run.err).toBe(0);
    return (JSON.parse(run.out) as { definitions: { title: string }[] }).definitions;
  });
}

const littleEndian = (text: string) => Buffer.from(text, 'utf16le');
const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();
const named = (encoding: string) => whole.replace('encoding="UTF-8"', `encoding="${encoding}"`);

it.each(['--snapshots', '--mirror'])(
  'validate refuses %s without --rebuild, which alone reads it',
  (option) => {
    const { code, err } = scapfeed(['validate', fileOf(whole), option, '.']);
    expect(code).toBe(2);
    expect(err).toContain(`${option} is of --rebuild only`);
  },
);

describe('a document in another encoding has the results of the same in UTF-8', () => {
  const expected = results(whole);

  it.each([
    ['UTF-16, little endian, with a mark', littleEndian(`\uFEFF${named('UTF-16')}`)],
    ['UTF-16, big endian, with a mark', bigEndian(`\uFEFF${named('UTF-16')}`)],
    ['UTF-16 without a mark', littleEndian(named('UTF-16LE'))],
    ['UTF-16 that says it is UTF-8', littleEndian(`\uFEFF${whole}`)],
    ['UTF-8 with a mark', `\uFEFF${whole}`],
    ['Latin-1', Buffer.from(named('ISO-8859-1'), 'latin1')],
  ])('%s', (_, bytes) => {
    expect(results(bytes)).toEqual(expected);
    expect(scapfeed(['validate', fileOf(bytes)]).out).toContain(': valid (oval-definitions');
  });
});

/** Content that is refused by each command, with the same words, exit 3, and nothing written. */
function refused(bytes: string | Buffer, says: RegExp, remedy: RegExp) {
  const file = fileOf(bytes);
  const folder = temporaryFolder();
  const runs = [
    ['eval', `dir:${root}`, '--content', file, '-o', `json=${join(folder, 'out.json')}`],
    ['compile', file, '-o', join(folder, 'out.jsonl')],
    ['comply', `dir:${root}`, '--content', file],
  ];
  for (const run of runs) {
    const { code, err, out } = scapfeed(run);
    expect(err).toMatch(says);
    expect(err).toMatch(remedy);
    expect({ code, out }).toEqual({ code: 3, out: '' });
  }
  expect(readdirSync(folder)).toEqual([]);
}

describe('bytes that are not of the encoding of a document are refused', () => {
  // Read as U+FFFD, the test would ask for another package, and the flaw would be missed.
  it('in the name of a package, with their place', () => {
    const bytes = Buffer.from(whole, 'latin1');
    const at = bytes.indexOf(0xe4);
    refused(bytes, new RegExp(`byte ${at + 1} is not of UTF-8 \\(found 0xe4`), /xmllint/);
    const { code, out } = scapfeed(['validate', fileOf(bytes)]);
    expect(code).toBe(1);
    expect(out).toContain(`byte ${at + 1} is not of UTF-8`);
  });

  it.each([
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
    ['an overlong form', Buffer.from([0xc0, 0xaf])],
  ])('behind the document: %s', (_, bytes) => {
    const text = Buffer.from(`${whole}<!--`);
    refused(Buffer.concat([text, bytes]), new RegExp(`byte ${text.length + 1} is not of UTF-8`), /xmllint/);
  });

  it('half a character of UTF-16 at the end', () => {
    refused(
      littleEndian(`\uFEFF${named('UTF-16')}`).subarray(0, -1),
      /not in its encoding, utf-16le/,
      /xmllint/,
    );
  });
});

it.each(['sbom:-', 'sbom:absent.json'])('%s has no files, which is said before it is read', (reference) => {
  const { code, err } = scapfeed(['verify', reference]);
  expect(code).toBe(2);
  expect(err).toMatch(/expected an image with its files, found an SBOM/);
  expect(scapfeed(['verify', '--help']).out).not.toContain('sbom:');
});

describe('what is no content is refused by what it is', () => {
  it.each<[string, string | Buffer, RegExp, RegExp]>([
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0]), /utf-32 is not supported/, /iconv/],
    ['UTF-8 that says it is UTF-16', named('UTF-16'), /says that it is in UTF-16, but is not/, /iconv/],
    ['a zip', zipOf({ 'vendor.xml': whole }), /found a zip archive/, /unpack it/],
    ['gzip in gzip', gzipSync(gzipSync(gzipSync(whole))), /found a compressed file|compress/, /unpack/],
    ['a page', '<!doctype html><html></html>', /found a web page/, /publisher/],
    ['JSON', '{"a":1}', /found JSON/, /scapfeed info FILE/],
    ['nothing', '', /found an empty file/, /fetch it again/],
    ['a PDF', '%PDF-1.7\n', /found a PDF/, /in XML/],
    ['text', 'name: value\n', /found text of another kind/, /scapfeed info FILE/],
    ['binary data', Buffer.from([7, 0, 1, 2]), /found binary data/, /scapfeed info FILE/],
    [
      'results',
      '<oval_results xmlns="http://oval.mitre.org/XMLSchema/oval-results-5"/>',
      /found OVAL results/,
      /scapfeed report FILE/,
    ],
    ['variables', '<oval_variables/>', /found OVAL variables/, /--variables FILE/],
    ['a tailoring', '<Tailoring/>', /found a tailoring file/, /--tailoring FILE/],
    ['an SBOM', '<bom/>', /found an SBOM/, /scan sbom:FILE/],
    ['another vocabulary', '<x/>', /found <x>/, /scapfeed info FILE/],
  ])('%s', (_, bytes, says, remedy) => {
    refused(bytes, says, remedy);
  });

  it('compiled OVAL, where a benchmark is asked for, and the other way round', () => {
    const compiled = fileOf('');
    scapfeed(['compile', fileOf(whole), '-o', compiled]);
    const { code, err } = scapfeed(['comply', `dir:${root}`, '--content', compiled]);
    expect(code).toBe(3);
    expect(err).toMatch(/found OVAL definitions, compiled[\s\S]*scapfeed eval IMAGE/);

    const benchmark = fileOf('{"format":1,"kind":"scapfeed-benchmark"}\n{"key":"x","value":1}\n');
    const other = scapfeed(['eval', `dir:${root}`, '--content', benchmark]);
    expect(other.code).toBe(3);
    expect(other.err).toMatch(/found a benchmark, compiled[\s\S]*scapfeed comply IMAGE/);
  });
});

describe('content that is a folder or a pipe', () => {
  const folder = temporaryFolder();
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);

  it.each([
    ['guide', []],
    ['info', []],
    ['compile', []],
    ['tailor', ['--page']],
    ['profiles', ['--content']],
    ['comply', [`dir:${root}`, '--content']],
    ['eval', [`dir:${root}`, '--content']],
  ])('is refused by %s, which waits for no other end', (command, before) => {
    for (const [path, found] of [
      [pipe, 'a pipe or device'],
      [folder, 'a folder'],
    ] as const)
      expect(scapfeed([command, ...before, path])).toMatchObject({
        code: 3,
        err: expect.stringContaining(`expected a file, found ${found} [CONTENT_MISSING]`),
      });
  });
});
