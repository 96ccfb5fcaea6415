import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPrimary } from '../../../src/sources/repodata/primary.ts';
import { parseRepomd } from '../../../src/sources/repodata/repomd.ts';
import { packageText, primaryText, repomdText } from '../../support/repodata.ts';
import { bodyOf } from '../../support/sources.ts';

/** 600,000 packages, packed by `xz -9e` and `bzip2 -9`: none of them is one. */
const packed = {
  xz: Buffer.from(
    '/Td6WFoAAAFpIt42BMDhA8O+kgEhARwAAAAAAAnZwIz//0sBnl0AHhtIp3dkDEFbyabYes5ASFPRlPFGpQxtzPuWRopSNltW' +
      '5XYMY11FVq2L3eNgJ94sGLn8jowjaLnYc+HMGQAs80Akp8fRbBSu61ix+yEt/2PDZ6GxPgQ6jbWAPC7xiB0Iu/bu5AEbtvac' +
      'BTThsuntCTiZgaPdzIHaR3VWzCnyh3ChpeRB0vXnJFzI63Ky5Eb2VPCIdSww28JQVJEilwYDX8lwOxTAMjeYpRUBpeijCSrs' +
      'qv9aJqxyDBaSp745jyThcJ6nI1/sKMuF0ZWYin4qkfIndfcZwAaYTZj92K/VkA/EJVP49ZE2MQWlsO5vwXBNRwzRkRGqrWAd' +
      'us6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1IrdM0eWyBC+d1TPfgpZAk7gMsqbN+1O/DEvS5fqg8+S2ZCkBMO/xCT+HF4' +
      'WfgLzf+VKEYPqfx83vuaMC5WwI+F84OBwGXEJVP49ZE2MQWlsO5vwXBNRwzRkRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsF' +
      'CPnH2q38+1IrdM0eWyBC+d1Rs4VzhJ/2ADUA7HNTp/2+rnwxGp+3jTFucJ6nI1/sKMuF0ZWYin4qkfIndfcZwAaYTZj91TdK' +
      'JUJRa8/leKMAAAAAXkp6MwAB+QPDvpIBIKwgKT4wDYsCAAAAAAFZWg==',
    'base64',
  ),
  bzip2: Buffer.from(
    'QlpoOTFBWSZTWc37N/EDbtqZgFABgBcub85AIAByIg0AGgHqCaqkNGQ0NBky1y30zxiRCJnv+0iRCJptikiETTfkkiETBrcs' +
      '7t6+4bWe14nRmAa3jxp1CQmjJOuPmKCskyms1MK+8gKTKkyAAABAApAAEAAoM00E1U2pioQiYqEInFQhE7FQhE+YoKyTKayt' +
      'q5AIAJKBzMAAAEACkwECABAAKgpUR6nqBSqPQMqAkRmfCBIj/BAkR5UBIjWe7nd/F3JFOFCQP7EEHg==',
    'base64',
  ),
};
const plainBomb = `<metadata xmlns="http://linux.duke.edu/metadata/common">${'<a/>'.repeat(600_000)}</metadata>`;
const bombs: [string, Buffer][] = [
  ['gzip', gzipSync(plainBomb, { level: 9 })],
  ['zstd', zstdCompressSync(plainBomb)],
  ...Object.entries(packed),
];

interface Read {
  sources: string[];
  malformed: string[];
}

async function read(body: AsyncIterable<Uint8Array>): Promise<Read> {
  const found: Read = { sources: [], malformed: [] };
  await readPrimary(body, 'primary.xml', {
    source: ({ name, version }) => found.sources.push(`${name} ${version}`),
    malformed: (_, detail) => found.malformed.push(detail),
    repeated: () => undefined,
  });
  return found;
}

const readText = (...packages: string[]) =>
  read(bodyOf(primaryText([]).replace('\n\n', packages.join('')), 1 << 16));

describe('a hostile list of packages', () => {
  it.each(bombs)('of a few bytes and too many packages is refused, packed with %s', async (_, bomb) => {
    expect(bomb.length).toBeLessThan(8000);
    await expect(read(bodyOf(bomb))).rejects.toMatchObject({
      code: 'SOURCE_TOO_LARGE',
      where: 'primary.xml',
    });
  });

  it.each(bombs)('that is cut is refused, packed with %s', async (_, bomb) => {
    for (const share of [0.3, 0.6, 0.95]) {
      const cut = bomb.subarray(0, Math.floor(bomb.length * share));
      await expect(read(bodyOf(cut))).rejects.toMatchObject({
        code: expect.stringMatching(/^SOURCE_(MALFORMED|TOO_LARGE)$/),
      });
    }
  });

  it('has names, versions and sources that no file can have: each is told, and the others are read', async () => {
    const long = 'a'.repeat(300);
    const good = packageText('zlib-1.2-1.x86_64');
    const { sources, malformed } = await readText(
      packageText(`${long}-1-1.x86_64 b-1-1.src.rpm`),
      packageText(`b-${long}-1.x86_64 b-1-1.src.rpm`),
      packageText(`b-${'1'.repeat(1 << 20)}-1.x86_64 b-1-1.src.rpm`),
      packageText(`b-1-1.x86_64 ${long}-1-1.src.rpm`),
      packageText(`b-1-1.${long} b-1-1.src.rpm`),
      good,
    );
    expect(sources).toEqual(['zlib 1.2-1']);
    expect(malformed.map((detail) => detail.replace(/^.*: /, ''))).toEqual(
      ['name', 'evr', 'evr', 'sourceRpm', 'arch'].map((field) => `${field} longer than 255 characters`),
    );
    await expect(readText(packageText(`${'a'.repeat(1 << 20)}-1-1.x86_64`))).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
    });
  });

  it('whose names together would fill the memory is refused', async () => {
    async function* packages() {
      yield Buffer.from(primaryText([]).split('\n\n')[0]!);
      const words = { name: 'n'.repeat(240), version: '1'.repeat(240), source: 's'.repeat(240) };
      for (let at = 0; at < 100_000; at += 500) {
        const some = Array.from({ length: 500 }, (_, each) =>
          packageText(`${words.name}${at + each}-${words.version}-1.x86_64 ${words.source}-1-1.src.rpm`),
        );
        yield Buffer.from(some.join(''));
      }
      yield Buffer.from('</metadata>');
    }
    await expect(read(packages())).rejects.toMatchObject({
      code: 'SOURCE_TOO_LARGE',
      message: expect.stringContaining('names and versions'),
    });
  });

  it('has elements that are called as members of every object', async () => {
    const members = ['constructor', 'toString', '__proto__', 'hasOwnProperty'].map(
      (name) => `<${name}>x</${name}>`,
    );
    const doubled = packageText('a-1-1.x86_64').replace(
      '<name>',
      `${members.join('')}${members.join('')}<name>`,
    );
    expect(await readText(doubled)).toEqual({ sources: ['a 1-1'], malformed: [] });
  });

  it('has packages of another namespace', async () => {
    const foreign = packageText('a-1-1.x86_64').replace('<package', '<package xmlns="http://example.org/"');
    expect(await readText(foreign, packageText('b-1-1.x86_64'))).toEqual({
      ...{ sources: ['b 1-1'], malformed: ['no rpm: package'] },
    });
  });
});

it('a list of packages is read without keeping its text', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const filler = `<rpm:provides>${'<rpm:entry name="libsomething"/>'.repeat(1000)}</rpm:provides>`;
  let bytes = 0;
  async function* packages() {
    yield Buffer.from(primaryText([]).split('\n\n')[0]!);
    for (let at = 0; at < 2000; at++) {
      const text = packageText(`a-package-of-some-length-${at}-1.2.3.4.5.6-150600.${at}.x86_64`);
      const piece = Buffer.from(text.replace('<rpm:provides>', `${filler}<rpm:provides>`));
      bytes += piece.length;
      yield piece;
    }
    yield Buffer.from('</metadata>');
  }
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept: unknown[] = [];
  await readPrimary(packages(), 'primary.xml', {
    source: (build) => kept.push(build),
    malformed: () => undefined,
    repeated: () => undefined,
  });
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  expect(kept).toHaveLength(2000);
  expect(bytes).toBeGreaterThan(60e6);
  expect(grown).toBeLessThan(bytes / 5);
});

it("entries of repomd.xml in another namespace are not the repository's", async () => {
  const listed = { href: 'repodata/x-primary.xml.gz', digest: 'a'.repeat(64) };
  const foreign = '<data xmlns="http://example.org/" type="primary"><location href="evil.xml.gz"/></data>';
  const text = repomdText(listed).replace('</repomd>', `${foreign}</repomd>`);
  expect(await parseRepomd(Buffer.from(text), 'repomd.xml')).toMatchObject(listed);
});
