import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeCopy, writeOval } from '../../src/oval/index.ts';
import { hasOracle } from '../support/oracles.ts';
import { fixed, indexOf } from './support/indexes.ts';
import { bookwormRelease, oscapEval, rootOf, scratch } from './support/roots.ts';

describe.skipIf(!hasOracle('oscap', 'gzip', 'bzip2', 'zstd'))('compressed copies', () => {
  test('hold the file, byte for byte', async () => {
    const directory = scratch();
    const index = indexOf({ packages: { openssl: [fixed('3.0.8-1~deb12u1', ['CVE-2023-0286'])] } });
    await writeOval(index, directory, {
      toolVersion: '0.1.0',
      forms: ['oval'],
      copies: ['gz', 'bz2', 'zst'],
    });
    const path = join(directory, 'debian-12.oval.xml');
    const plain = readFileSync(path);

    expect(execFileSync('gzip', ['-dc', `${path}.gz`])).toEqual(plain);
    expect(execFileSync('bzip2', ['-dc', `${path}.bz2`])).toEqual(plain);
    expect(execFileSync('zstd', ['-dcq', `${path}.zst`])).toEqual(plain);
    expect(readdirSync(directory).filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect(oscapEval(`${path}.bz2`, rootOf({ 'etc/os-release': bookwormRelease })).size).toBeGreaterThan(2);
  });

  test('of a file that is not there leave nothing', async () => {
    const directory = scratch();

    await expect(writeCopy(join(directory, 'absent.xml'), 'gz')).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
    });

    expect(readdirSync(directory)).toEqual([]);
  });
});
