import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { amazonTrial } from '../prove/amazon-trials.ts';
import { rpmDatabaseMaker } from '../prove/compare.ts';
import { debianTrial, ubuntuTrial } from '../prove/dpkg-trials.ts';
import { almaTrial, fedoraTrial, photonTrial, rockyTrial } from '../prove/errata-trials.ts';
import { rhelListTrial } from '../prove/real-trials.ts';
import { suseTrial } from '../prove/suse-trials.ts';
import type { Trial } from '../prove/trial.ts';
import { blobFaults, grypeJudge, sqliteRows } from '../prove-exports/grype.ts';
import { proveTrial } from '../prove-exports/prove-trial.ts';
import { scapfeed } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const size = { packages: 120, flawsPerPackage: 10 };
const maker = hasData('rpm-lists') && existsSync(rpmDatabaseMaker) && hasOracle('python3', 'rpm');

describe.skipIf(!hasOracle('sqlite3'))("Grype's database, read by Debian's sqlite3 as Grype looks up", () => {
  test.each([
    ['Debian', debianTrial(1, size), grypeJudge('debian', '12')],
    ['Ubuntu', ubuntuTrial(1, size), grypeJudge('ubuntu', '22', '04')],
  ])('says what scan says: %s', async (_, trial, judge) => {
    const found = await proveTrial(trial, judge);

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(400);
  });

  test.skipIf(!maker).each([
    ['AlmaLinux', 'almalinux', almaTrial],
    ['Rocky Linux', 'rockylinux', rockyTrial],
    ['Amazon Linux', 'amazonlinux', amazonTrial],
    ['Fedora', 'fedora', fedoraTrial],
    ['Photon OS', 'photon', photonTrial],
  ])('says what scan says: %s', async (_, name, make) => {
    const trial = make(1, size);
    const found = await proveTrial(trial, grypeJudge(name, ...majorAndMinor(trial)));

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(300);
  });

  test.skipIf(!maker).each([
    ['sles-15.5', 'sles', '5'],
    ['opensuse-leap-15.6', 'opensuseleap', '6'],
  ])('says what scan says: %s', async (id, name, minor) => {
    const found = await proveTrial(suseTrial(1, size, id), grypeJudge(name, '15', minor));

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(400);
    expect([...found.explained.keys()]).toEqual(['foreign_vendor']);
  });

  test.skipIf(!maker)('says what scan says: the packages of a real UBI image', async () => {
    const found = await proveTrial(
      rhelListTrial(dataPath('rpm-lists/UBI8s390x.json'), '8', 4),
      grypeJudge('redhat', '8', '4'),
    );

    expect(found.unexplained).toEqual([]);
    expect(found.equal).toBeGreaterThan(300);
  });

  test('is whole, has valid blobs, and the archive is that of latest.json', () => {
    const feed = writeSmallFeed(
      [
        {
          platform: bookworm,
          statements: [
            {
              vulnerability: 'CVE-2024-1',
              package: 'zlib',
              status: 'fixed',
              fixed: '1.2-3',
              severity: 'high',
              advisories: ['DSA-1-1'],
            },
            { vulnerability: 'CVE-2024-2', package: 'zlib', status: 'affected', fixState: 'will_not_fix' },
          ],
        },
      ],
      undefined,
      [
        {
          id: 'CVE-2024-1',
          ratings: [
            {
              source: 'nvd',
              version: '3.1',
              score: 9.8,
              vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
            },
          ],
          exploited: { added: '2024-02-03', ransomware: true },
        },
      ],
    );
    const out = join(temporaryFolder(), 'exports');
    const run = scapfeed(['export', '--feed', feed, '--to', 'grype', '--out', out]);
    const path = join(out, 'grype/vulnerability.db');

    expect(`${run.code} ${run.err}`).toBe('0 ');
    expect(execFileSync('sqlite3', [path, 'pragma integrity_check'], { encoding: 'utf8' })).toBe('ok\n');
    expect(sqliteRows(path, 'select * from db_metadata')).toEqual([
      { build_timestamp: '2026-11-20 00:00:00+00:00', model: 6, revision: 1, addition: 9 },
    ]);
    expect(sqliteRows(path, 'select cve from known_exploited_vulnerability_handles')).toEqual([
      { cve: 'CVE-2024-1' },
    ]);
    const latest = JSON.parse(readFileSync(join(out, 'grype/latest.json'), 'utf8'));
    const archive = readFileSync(join(out, 'grype', latest.path));
    expect(latest.checksum).toBe(`sha256:${createHash('sha256').update(archive).digest('hex')}`);
    if (!hasData('schemas/anchore+grype')) return;
    expect(blobFaults(path)).toEqual({ blobs: 5, faults: [] });
  });
});

function majorAndMinor({ platform }: Trial): [major: string, minor?: string] {
  const [major = '', ...minor] = platform.os.version!.split('.');
  return [major, ...minor] as [string, string?];
}
