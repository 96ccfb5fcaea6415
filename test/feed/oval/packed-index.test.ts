import { describe, expect, test } from 'vitest';
import { packIndex, unpackIndex } from '../../../src/feed/oval/packed-index.ts';
import { fixed, indexOf } from '../../oval/support/indexes.ts';

const details = {
  vulnerabilities: new Map([['CVE-2023-0286', { id: 'CVE-2023-0286', description: 'Type confusion' }]]),
  advisories: new Map([['DSA-5343-1', { id: 'DSA-5343-1', date: '2023-02-07' }]]),
};
const shipped = (version: string) => ({ version, binaries: [{ name: 'libssl3', version }] });

describe('a packed index', () => {
  const index = indexOf({
    packages: {
      openssl: [
        fixed('3.0.8-1~deb12u1', ['CVE-2023-0286', 'CVE-2022-4304'], { advisories: ['DSA-5343-1'] }),
        fixed('3.0.9-1', ['CVE-2023-2650']),
      ],
      'openssl-legacy': [fixed('1.1.1n-0', ['CVE-2023-0286'])],
      silent: [],
    },
    roster: new Map([
      ['openssl', shipped('3.0.8-1')],
      ['zlib', shipped('1.2.13')],
    ]),
  });
  const unpacked = unpackIndex(structuredClone(packIndex(index)), details);

  test('holds every id once, and is whole again at the other end', () => {
    expect(packIndex(index).ids).toEqual(['CVE-2023-0286', 'CVE-2022-4304', 'CVE-2023-2650']);
    expect(unpacked.lines).toEqual(index.lines);
    expect(unpacked.platform).toEqual(index.platform);
    expect(unpacked.vulnerability('CVE-2023-0286')?.description).toBe('Type confusion');
    expect(unpacked.advisory('DSA-5343-1')?.date).toBe('2023-02-07');
  });

  test('brings of the roster what the lines speak of', () => {
    expect([...unpacked.roster!.keys()]).toEqual(['openssl']);
  });

  test('of a platform without lines keeps its roster', () => {
    const empty = packIndex({ ...index, lines: [] });
    expect([...empty.roster!.keys()]).toEqual(['openssl', 'zlib']);
  });
});
