import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startPlatforms } from '../../../src/feed/oval/index.ts';
import type { PlatformIndex } from '../../../src/model/feed/index.ts';
import { fixed, indexOf } from '../../oval/support/indexes.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const vulnerabilities = [{ id: 'CVE-2023-0286', description: 'Type confusion', published: '2023-02-08' }];
const advisories = [{ id: 'DSA-5343-1', date: '2023-02-07' }];
const details = {
  vulnerabilities: new Map(vulnerabilities.map((detail) => [detail.id, detail])),
  advisories: new Map(advisories.map((detail) => [detail.id, detail])),
};

function release(version: string, ids = ['CVE-2023-0286']): PlatformIndex {
  const claims = [fixed(`3.0.8-1~deb${version}u1`, ids, { advisories: ['DSA-5343-1'] })];
  const binaries = [{ name: 'libssl3', version: `3.0.7-1~deb${version}u1` }];
  const roster = new Map([
    ['openssl', { version: `3.0.7-1~deb${version}u1`, binaries }],
    ['zlib', { version: '1.2.13', binaries: [{ name: 'zlib1g', version: '1.2.13' }] }],
  ]);
  const index = indexOf({ packages: { openssl: claims }, vulnerabilities, advisories, roster });
  const { platform } = index;
  return { ...index, platform: { ...platform, id: `debian-${version}`, os: { ...platform.os, version } } };
}

const releases = ['11', '12', '13'].map((version) => release(version));

async function write(indexes: readonly PlatformIndex[], threadFrom: number) {
  const directory = temporaryFolder();
  const work = startPlatforms(indexes, details, directory, { toolVersion: '0.0.0', threadFrom });
  const platforms = await work.finish().finally(() => work.stop());
  const contents = readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]);
  return { platforms, contents: Object.fromEntries(contents) as Record<string, string> };
}

describe('OVAL of several platforms', () => {
  test('is the same bytes on one thread and on two, in the order of the indexes', async () => {
    const one = await write(releases, Number.POSITIVE_INFINITY);
    const two = await write(releases, 0);

    expect(two.contents).toEqual(one.contents);
    expect(two.platforms.map(({ report }) => report.platform)).toEqual([
      'debian-11',
      'debian-12',
      'debian-13',
    ]);
    expect(two.platforms.map(({ outputs }) => outputs)).toEqual(one.platforms.map(({ outputs }) => outputs));
    expect(one.contents['debian-13.oval.xml']).toContain('<description>Type confusion</description>');
    expect(one.contents['debian-13.dpkginfo.oval.xml']).toContain('libssl3');
  });

  test('comes with the digest of every file', async () => {
    const { platforms, contents } = await write(releases, 0);

    const digests = platforms.flatMap(({ outputs }) => outputs.map(({ name, sha256 }) => [name, sha256]));
    const wanted = Object.entries(contents).map(([name, text]) => [
      name,
      createHash('sha256').update(text).digest('hex'),
    ]);
    expect(Object.fromEntries(digests)).toEqual(Object.fromEntries(wanted));
  });

  test('fails with the code and place of the record, in whichever thread it stands', async () => {
    for (const place of [0, 1, 2]) {
      const indexes = releases.map((index, at) => (at === place ? release('12', ['CVE 1']) : index));

      await expect(write(indexes, 0)).rejects.toMatchObject({
        name: 'ScapfeedError',
        code: 'SOURCE_MALFORMED',
        where: 'debian-12/openssl',
      });
    }
  });

  test('of a single platform and of none come back, too', async () => {
    const single = await write(releases.slice(0, 1), 0);

    expect(single.platforms.map(({ report }) => report.platform)).toEqual(['debian-11']);
    expect((await write([], 0)).platforms).toEqual([]);
  });

  // With one core there is no second thread.
  test.skipIf(availableParallelism() < 2)(
    'says that its thread has ended before its time, and can be stopped without being finished',
    async () => {
      const work = startPlatforms(releases, details, temporaryFolder(), {
        toolVersion: '0.0.0',
        threadFrom: 0,
      });
      await work.stop();

      await expect(work.finish()).rejects.toThrow('the thread that writes OVAL ended');
    },
  );
});
