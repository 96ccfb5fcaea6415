import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { rootWith, scapfeed } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { benchmark, lineCheck, rule } from '../support/small-content.ts';

const folder = temporaryFolder();
const root = rootWith({ 'etc/os-release': 'ID=acme\n', 'etc/x': 'yes\n' });
const plain = join(folder, 'small.xml');
writeFileSync(join(folder, 'oval.xml'), lineCheck('/etc/x', '^yes$'));
writeFileSync(plain, benchmark(rule('one', '', 'selected="true"')));

function packed(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const comply = (content: string) =>
  scapfeed(['comply', `dir:${root}`, '--content', content, '-o', 'json'], {
    SOURCE_DATE_EPOCH: '1767225600',
  });

test('a data stream as it is kept, .xml.gz, is evaluated as the plain one is', () => {
  const { code, out } = comply(packed('small.xml.gz', gzipSync(readFileSync(plain))));

  expect(code).toBe(comply(plain).code);
  expect(out.replaceAll('small.xml.gz', 'small.xml')).toBe(comply(plain).out);
});

test('a compiled benchmark that was cut, at the end of a line or within one, is refused', () => {
  const compiled = join(folder, 'small.jsonl');
  expect(scapfeed(['compile', plain, '-o', compiled])).toMatchObject({ code: 0 });
  expect(comply(compiled).code).toBe(0);
  const whole = readFileSync(compiled);
  const lines = whole.toString().split(/(?<=\n)/);
  const cuts = [lines.slice(0, -1).join(''), lines.slice(0, 2).join(''), whole.subarray(0, -9)];
  for (const cut of cuts) {
    const { code, err } = comply(packed('cut.jsonl', Buffer.from(cut)));
    expect(code).toBe(3);
    expect(err).toContain('the file is cut or damaged');
  }
});

test.each([
  ['cut', 'cut.xml.gz', gzipSync(readFileSync(plain)).subarray(0, 100)],
  ['of another compression', 'small.xml.zst', zstdCompressSync(readFileSync(plain))],
])('a file that is %s: exit 3, and what to do', (_, name, bytes) => {
  const { code, err } = comply(packed(name, bytes));

  expect(code).toBe(3);
  expect(err).toContain('[CONTENT_MALFORMED]');
  expect(err).toContain('next: unpack the file');
});
