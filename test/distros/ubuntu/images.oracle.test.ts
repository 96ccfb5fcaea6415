import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/model/verdict/index.ts';
import { type Feed, matchInventory } from '../../../src/runtime/index.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { feedOf, packageList, recorded, recordedOsv } from './support.ts';

const releases: Readonly<Record<string, string>> = { jammy: 'ubuntu-22.04', noble: 'ubuntu-24.04' };

function rows(file: string): string[][] {
  if (!hasData('ubuntu')) return [];
  const text = readFileSync(dataPath('ubuntu', 'more', file), 'utf8').trimEnd();
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return lines.map((line) => line.split('\t'));
}

describe.skipIf(!hasData('ubuntu'))('scans of the real package lists', () => {
  let feed: Feed;
  const verdicts = new Map<string, Verdict[]>();

  beforeAll(async () => {
    feed = await feedOf({
      'ubuntu-osv': await recordedOsv(),
      'ubuntu-vex': recorded.vex(),
      'ubuntu-tracker': recorded.tracker(),
    });
    for (const [list, platform] of [
      ['jammy', 'ubuntu-22.04'],
      ['noble', 'ubuntu-24.04'],
      ['bionic-texlive', 'ubuntu-18.04'],
      ['bionic-trivy', 'ubuntu-18.04'],
    ] as const) {
      const packages = packageList(`ubuntu-${list}`);
      const matched = matchInventory(feed, feed.shard(platform)!, { packages }, { all: true });
      verdicts.set(list, matched.verdicts);
    }
  });

  function of(list: string, cve: string, source: string): Verdict[] {
    const all = verdicts.get(list) ?? [];
    return all.filter(
      ({ vulnerability, package: pkg }) => vulnerability === cve && pkg.source.name === source,
    );
  }

  describe('give the verdicts that the records imply', () => {
    it.each(rows('expected.tsv'))('%s %s %s', (list, cve, source, installed, fixed, status) => {
      const found = of(list, cve, source);
      expect(found.length).toBeGreaterThan(0);
      for (const verdict of found) {
        expect(verdict.platform).toBe(releases[list]);
        expect(verdict.package.source.version).toBe(installed);
        if (status === 'fixed') expect(verdict).toMatchObject({ status: 'fixed', fixedVersion: fixed });
        else if (status === 'vulnerable') {
          expect(verdict).toMatchObject({ status: 'affected', fixState: 'available', fixedVersion: fixed });
        } else {
          expect(verdict.status).toBe('affected');
          expect(verdict.fixState).not.toBe('available');
          expect(verdict.fixedVersion).toBeUndefined();
        }
      }
    });
  });

  describe('find nothing where the record names the source for other releases only', () => {
    it.each(rows('expected-absent.tsv'))('%s %s %s', (list, cve, source) => {
      expect(of(list, cve, source)).toEqual([]);
    });
  });

  /**
   * Read by hand in the vendor's records: the tracker's line of the release, or OSV's entry, and the list's version.
   * `available V`: to install V; `fixed V`: the list has V or later; all else as the record's word maps.
   */
  describe('agree with a reading of the records by hand', () => {
    it.each([
      // Tracker: `released (…)` above, at and below the installed version.
      ['bionic-trivy', 'CVE-2019-3462', 'apt', 'available 1.6.6ubuntu0.1', 'high'],
      ['bionic-texlive', 'CVE-2019-3462', 'apt', 'fixed 1.6.6ubuntu0.1', 'high'],
      ['bionic-trivy', 'CVE-2019-3829', 'gnutls28', 'available 3.5.18-1ubuntu1.1', 'medium'],
      ['bionic-trivy', 'CVE-2018-10844', 'gnutls28', 'available 3.5.18-1ubuntu1.1', 'medium'],
      ['bionic-trivy', 'CVE-2017-5335', 'gnutls28', 'fixed 3.5.6-4ubuntu3', 'medium'],
      ['bionic-trivy', 'CVE-2016-9401', 'bash', 'fixed 4.4-5ubuntu1', 'negligible'],
      ['bionic-texlive', 'CVE-2017-14342', 'imagemagick', 'fixed 8:6.9.7.4+dfsg-16ubuntu6.2', 'low'],
      // OSV and the tracker say the same version.
      ['bionic-trivy', 'CVE-2019-9893', 'libseccomp', 'available 2.4.1-0ubuntu0.18.04.2', 'medium'],
      ['bionic-texlive', 'CVE-2019-9893', 'libseccomp', 'fixed 2.4.1-0ubuntu0.18.04.2', 'medium'],
      // Tracker: `needed`, `needs-triage`, `deferred (date)`, `pending`.
      ['bionic-trivy', 'CVE-2016-10739', 'glibc', 'none_yet', 'low'],
      ['bionic-trivy', 'CVE-2019-9923', 'tar', 'none_yet', 'low'],
      ['bionic-texlive', 'CVE-2018-8740', 'sqlite3', 'none_yet', 'low'],
      ['bionic-texlive', 'CVE-2018-17967', 'imagemagick', 'none_yet suppressed', 'negligible'],
      ['bionic-trivy', 'CVE-2019-1010023', 'glibc', 'none_yet unconfirmed', 'low'],
      ['bionic-texlive', 'CVE-2019-20433', 'aspell', 'none_yet unconfirmed', 'low'],
      ['bionic-texlive', 'CVE-2020-8648', 'linux', 'none_yet pending', 'medium'],
      ['bionic-trivy', 'CVE-2016-10228', 'glibc', 'fix_deferred suppressed', 'negligible'],
      ['bionic-trivy', 'CVE-2018-1000654', 'libtasn1-6', 'fix_deferred suppressed', 'negligible'],
      ['bionic-texlive', 'CVE-2019-1010204', 'binutils', 'fix_deferred', 'low'],
      // Tracker: `ignored`, `ignored (upstream disputes CVE)`, `ignored (code-not-compiled)`.
      ['bionic-texlive', 'CVE-2017-18207', 'python2.7', 'will_not_fix', 'low'],
      ['bionic-texlive', 'CVE-2017-1000382', 'vim', 'will_not_fix', 'low'],
      ['bionic-texlive', 'CVE-2018-20843', 'ghostscript', 'will_not_fix vulnerable_code_not_present', 'low'],
      // Tracker: `not-affected (2.31.1-0.4ubuntu3.3)` is no threshold: the list has 0.4ubuntu3.1.
      ['bionic-trivy', 'CVE-2017-2616', 'util-linux', 'not_affected vulnerable_code_not_present', 'unknown'],
      ['bionic-texlive', 'CVE-2018-18928', 'icu', 'not_affected vulnerable_code_not_present', 'unknown'],
      // OSV: esm-infra/bionic only, fixed or open; the base of bionic ended in 2023.
      ['bionic-trivy', 'CVE-2023-39804', 'tar', 'other_channel esm-infra 1.29b-2ubuntu0.4+esm1', 'medium'],
      ['bionic-trivy', 'CVE-2023-4641', 'shadow', 'other_channel esm-infra 1:4.5-1ubuntu2.5+esm1', 'low'],
      [
        'bionic-texlive',
        'CVE-2025-13151',
        'libtasn1-6',
        'other_channel esm-infra 4.13-2ubuntu0.1~esm1',
        'medium',
      ],
      ['bionic-trivy', 'CVE-2024-10041', 'pam', 'end_of_life release', 'medium'],
      // VEX: decided not to fix; OSV alone says "no fix".
      ['bionic-trivy', 'CVE-2016-20013', 'glibc', 'will_not_fix suppressed', 'negligible'],
      ['jammy', 'CVE-2016-20013', 'glibc', 'will_not_fix suppressed', 'negligible'],
      ['noble', 'CVE-2016-20013', 'glibc', 'will_not_fix suppressed', 'negligible'],
      // OSV: base and FIPS rows side by side; the list has base builds.
      ['jammy', 'CVE-2024-6119', 'openssl', 'fixed 3.0.2-0ubuntu1.18', 'medium'],
      ['jammy', 'CVE-2024-2236', 'libgcrypt20', 'none_yet', 'low'],
      ['jammy', 'CVE-2025-68973', 'gnupg2', 'available 2.2.27-3ubuntu2.5', 'high'],
    ])('%s %s %s: %s, %s', (list, cve, source, expected, severity) => {
      const found = of(list, cve, source);
      expect(found.length).toBeGreaterThan(0);
      for (const verdict of found) {
        const { status, fixState, reason, fixedVersion, suppressed } = verdict;
        const said = [fixState ?? status, reason, fixedVersion, suppressed && 'suppressed'];
        expect(said.filter(Boolean).join(' ')).toBe(expected);
        expect(verdict.severity).toBe(severity);
      }
    });
  });
});
