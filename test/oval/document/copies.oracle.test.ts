import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeOval } from '../../../src/feed/oval/index.ts';
import { copyFormats, writeCopy } from '../../../src/oval/document/copies.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { fixed, indexOf } from '../support/indexes.ts';
import { bookwormRelease, oscapEval, rootOf } from '../support/roots.ts';

describe.skipIf(!hasOracle('oscap', 'gzip', 'bzip2', 'zstd'))('compressed copies', () => {
  test('hold the file, byte for byte', async () => {
    const directory = temporaryFolder();
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

  test.each(copyFormats)(
    'of files that are not there leave nothing, however many fail at once: %s',
    async (format) => {
      const directory = temporaryFolder();
      const paths = Array.from({ length: format === 'gz' ? 200 : 20 }, (_, at) =>
        join(directory, `absent-${at}.xml`),
      );

      const copies = await Promise.allSettled(paths.map((path) => writeCopy(path, format)));
      // Time for a stream that was given up to open its file after all.
      await new Promise((resolve) => setTimeout(resolve, 100));

      for (const copy of copies) expect(copy).toMatchObject({ reason: { code: 'OUTPUT_NOT_WRITABLE' } });
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  test('by a command that is not installed say so, and leave nothing', async () => {
    const directory = temporaryFolder();
    const path = join(directory, 'a.xml');
    writeFileSync(path, '<a/>');
    const before = process.env['PATH'];
    process.env['PATH'] = directory;
    try {
      await expect(writeCopy(path, 'zst')).rejects.toMatchObject({
        code: 'USAGE',
        message: 'could not run zstd',
      });
    } finally {
      process.env['PATH'] = before;
    }
    expect(readdirSync(directory)).toEqual(['a.xml']);
  });
});
