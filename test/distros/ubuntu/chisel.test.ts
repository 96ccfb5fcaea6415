import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Platform } from '../../../src/model/feed/index.ts';
import { rootWith, stanza } from '../../support/cli.ts';
import { runHere } from '../../support/command.ts';
import { writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const noble: Platform = {
  id: 'ubuntu-24.04',
  name: 'Ubuntu 24.04 LTS (Noble Numbat)',
  aliases: ['noble'],
  os: { id: 'ubuntu', version: '24.04', codename: 'noble' },
  packaging: 'deb',
  life: [{ phase: 'regular', until: '2029-05-31' }],
};

/** Without a fix, in sources that have the name of a binary, and in one that has not. */
const feed = writeSmallFeed([
  {
    platform: noble,
    data: {
      roster: new Map(
        ['base-files', 'glibc', 'openssl'].map((name) => [name, { version: '1', binaries: [] }]),
      ),
    },
    statements: [
      { vulnerability: 'CVE-2024-5535', package: 'openssl', status: 'fixed', fixed: '3.0.13-0ubuntu3.2' },
      { vulnerability: 'CVE-2016-20013', package: 'glibc', status: 'affected' },
    ],
  },
]);

const osRelease = 'ID=ubuntu\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n';

function wall(...packages: readonly string[]): Buffer {
  const lines = packages.map((each) => {
    const [name, version] = each.split(' ');
    return `{"kind":"package","name":"${name}","version":"${version}","sha256":"00","arch":"amd64"}\n`;
  });
  return zstdCompressSync(`{"jsonwall":"1.0","schema":"1.0","count":${lines.length + 1}}\n${lines.join('')}`);
}

async function scan(files: Parameters<typeof rootWith>[0], ...args: readonly string[]) {
  const root = rootWith({ 'etc/os-release': osRelease, ...files });
  const ran = await runHere([
    ...['scan', `dir:${root}`, '--feed', feed, '--max-age', '0', '-o', 'json'],
    ...args,
  ]);
  const { verdicts, uncovered, gaps, inventory } = JSON.parse(ran.out);
  return { ...ran, verdicts, uncovered, gaps, notes: inventory.notes };
}

const manifest = 'var/lib/chisel/manifest.wall';
const status = 'var/lib/dpkg/status';

describe('an image that chisel cut (grype#3389)', () => {
  it('without a status of dpkg is not clean: nobody says of which sources its packages are', async () => {
    const { code, verdicts, uncovered } = await scan({
      [manifest]: wall('libc6 2.39-0ubuntu8', 'openssl 3'),
    });

    expect(code).toBe(4);
    expect(verdicts).toEqual([]);
    expect(uncovered).toEqual(
      ['libc6', 'openssl'].map((name) =>
        expect.objectContaining({
          ...{ name, reason: 'undecidable' },
          detail: 'what lists it does not say of which source it was built',
        }),
      ),
    );
  });

  it.each(['cyclonedx', 'spdx', 'manifest'])('is not clean by its own SBOM either: %s', async (format) => {
    const root = rootWith({ 'etc/os-release': osRelease, [manifest]: wall('openssl 3.0.13-0ubuntu3.4') });
    const { out } = await runHere(['inventory', `dir:${root}`, '-o', format]);
    const file = join(temporaryFolder(), 'sbom');
    writeFileSync(file, out);
    const ran = await runHere(['scan', `sbom:${file}`, '--feed', feed, '--max-age', '0', '-o', 'json']);

    expect(ran.code).toBe(4);
    expect(JSON.parse(ran.out).uncovered).toMatchObject([{ name: 'openssl', reason: 'undecidable' }]);
  });

  it('with a status of some of its packages has their verdicts, and is not clean', async () => {
    const files = {
      [manifest]: wall('libc6 2.39-0ubuntu8', 'openssl 3.0.13-0ubuntu3.1'),
      [status]: stanza('openssl', '3.0.13-0ubuntu3.1'),
    };
    const { code, verdicts, uncovered } = await scan(files);
    const fixed = await scan({
      [manifest]: wall('libc6 2.39-0ubuntu8', 'openssl 3.0.13-0ubuntu3.4'),
      [status]: stanza('openssl', '3.0.13-0ubuntu3.4'),
    });

    expect([code, fixed.code]).toEqual([4, 4]);
    expect(verdicts).toMatchObject([{ vulnerability: 'CVE-2024-5535', status: 'affected' }]);
    expect(fixed.verdicts).toEqual([]);
    expect(uncovered).toMatchObject([{ name: 'libc6', reason: 'undecidable' }]);
    expect(fixed.uncovered).toMatchObject([{ name: 'libc6', reason: 'undecidable' }]);
  });

  it('with a status of all of its packages is judged by their sources', async () => {
    const { code, uncovered, gaps } = await scan({
      [manifest]: wall('base-files 13ubuntu10', 'openssl 3.0.13-0ubuntu3.4'),
      [status]: stanza('base-files', '13ubuntu10') + stanza('openssl', '3.0.13-0ubuntu3.4'),
    });

    expect([code, uncovered, gaps]).toEqual([0, [], []]);
  });

  it('of another build than the status says is not clean', async () => {
    const { code, uncovered, notes } = await scan({
      [manifest]: wall('openssl 3.0.13-0ubuntu3.1'),
      [status]: stanza('openssl', '3.0.13-0ubuntu3.4'),
    });

    expect(code).toBe(4);
    expect(uncovered).toMatchObject([{ name: 'openssl', version: '3.0.13-0ubuntu3.1' }]);
    expect(notes).toContainEqual(
      expect.objectContaining({ code: 'package_lists_differ', where: `/${manifest}` }),
    );
  });

  it('whose manifest was cut between two lines is not clean', async () => {
    const cut = zstdCompressSync(
      '{"jsonwall":"1.0","schema":"1.0","count":3}\n{"kind":"package","name":"openssl","version":"3.0.13-0ubuntu3.4","arch":"amd64"}\n',
    );
    const { code, gaps } = await scan({ [manifest]: cut, [status]: stanza('openssl', '3.0.13-0ubuntu3.4') });

    expect(code).toBe(4);
    expect(gaps).toMatchObject([{ code: 'incomplete_package_database', where: `/${manifest}` }]);
  });
});
