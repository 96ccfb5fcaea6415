import { describe, expect, it } from 'vitest';
import { type BinaryPackage, parsePackagesIndex } from '../../../src/distros/debian/packages-index.ts';
import { bodyOf } from '../../support/sources.ts';

/** Binaries whose source has another name or another version. */
const cases: { name: string; stanza: string; expected: BinaryPackage }[] = [
  {
    name: 'no Source: name and version are the binary’s',
    stanza: 'Package: bash\nVersion: 5.2.15-2+b7\nArchitecture: amd64\n',
    expected: { name: 'bash', version: '5.2.15-2+b7', source: 'bash', sourceVersion: '5.2.15-2+b7' },
  },
  {
    name: 'Source without a version',
    stanza: 'Package: libssl3\nSource: openssl\nVersion: 3.0.17-1~deb12u2\n',
    expected: {
      name: 'libssl3',
      version: '3.0.17-1~deb12u2',
      source: 'openssl',
      sourceVersion: '3.0.17-1~deb12u2',
    },
  },
  {
    name: 'a rebuild: +bN on the binary only',
    stanza: 'Package: bash\nSource: bash (5.2.15-2)\nVersion: 5.2.15-2+b7\n',
    expected: { name: 'bash', version: '5.2.15-2+b7', source: 'bash', sourceVersion: '5.2.15-2' },
  },
  {
    name: 'another version altogether: dmsetup of lvm2',
    stanza: 'Package: dmsetup\nSource: lvm2 (2.03.31-2)\nVersion: 2:1.02.205-2\n',
    expected: { name: 'dmsetup', version: '2:1.02.205-2', source: 'lvm2', sourceVersion: '2.03.31-2' },
  },
  {
    name: 'fields in another order, words of fields in the description',
    stanza:
      'Version: 1.0-1\nDescription: says\n Source: nothing\n Version: 9\nSource: other\nPackage: thing\n',
    expected: { name: 'thing', version: '1.0-1', source: 'other', sourceVersion: '1.0-1' },
  },
];

describe('parsePackagesIndex', () => {
  it.each(cases)('$name', async ({ stanza, expected }) => {
    expect(await parse(stanza)).toEqual({ packages: [expected], malformed: [] });
  });

  it.each([1, 3, 64, 5000])('reads many stanzas cut into pieces of %i bytes', async (size) => {
    const text = cases.map(({ stanza }) => stanza).join('\n\n');

    expect(await parse(text, size)).toEqual({
      packages: cases.map(({ expected }) => expected),
      malformed: [],
    });
  });

  it('tells stanzas that are none by their number', async () => {
    const text = 'Package: a1\nVersion: 1\n\nPackage: b1\n\nVersion: 1\n\nPackage: c1\nVersion: 2\n';

    const { packages, malformed } = await parse(text);

    expect(packages.map(({ name }) => name)).toEqual(['a1', 'c1']);
    expect(malformed).toEqual([2, 3]);
  });

  it('an empty index is an empty suite', async () => {
    expect(await parse('')).toEqual({ packages: [], malformed: [] });
  });

  it('refuses a stanza without end', async () => {
    await expect(parse(`Package: a1\nDescription: ${'x'.repeat(1_100_000)}`)).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
      where: 'Packages',
    });
  });
});

async function parse(text: string, size = 1000) {
  const packages: BinaryPackage[] = [];
  const malformed: number[] = [];
  const index = parsePackagesIndex(bodyOf(text, size), 'Packages', (stanza) => malformed.push(stanza));
  for await (const together of index) packages.push(...together);
  return { packages, malformed };
}
