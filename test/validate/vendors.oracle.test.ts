import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { validateFile } from '../../src/validate/index.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOfficialSchemas, hasOracle, officialSchemas } from '../support/oracles.ts';

const debian =
  'debian/derived/MaineK00n+vuls-data-update_pkg_fetch_debian_oval_testdata_fixtures_oval-definitions-bullseye.xml';
const wheezy = 'debian/aboutcode-org+vulnerablecode/vulnerabilities/tests/test_data/debian_oval_data.xml';
const ubuntu = 'ubuntu/derived/MaineK00n+vuls-data-update';
const redhat =
  'redhat/oval/MaineK00n__vuls-data-update/pkg/fetch/redhat/oval/v2/testdata/fixtures/oval/v2/RHEL9';

describe.skipIf(!hasData('debian') || !hasData('ubuntu') || !hasData('redhat'))(
  'the faults of vendors',
  () => {
    test.each([
      ['Debian bullseye: source names', debian, 'source-name', 'warning'],
      ['Debian bullseye: nothing is earlier than 0', debian, 'never-true', 'error'],
      ['Debian bullseye: an architecture test that is always true', debian, 'always-true', 'warning'],
      ['Debian wheezy: the epoch stands twice', wheezy, 'evr-epoch-doubled', 'error'],
      ['Debian wheezy: source names', wheezy, 'source-name', 'warning'],
      [
        'Canonical 2024, notices: no epoch',
        `${ubuntu}_pkg_fetch_ubuntu_oval_testdata_fixtures_oci.com.ubuntu.jammy.usn.oval.xml`,
        'evr-epoch-missing',
        'error',
      ],
      [
        'Canonical 2022, esm-apps: no epoch',
        `${ubuntu}@history_pkg_fetch_ubuntu_oval_testdata_fixtures_oci.com.ubuntu.esm-apps_jammy.cve.oval.xml`,
        'evr-epoch-missing',
        'error',
      ],
      [
        'Canonical 2024, fips-updates: white space in a limit',
        `${ubuntu}_pkg_fetch_ubuntu_oval_testdata_fixtures_oci.com.ubuntu.fips-updates_jammy.cve.oval.xml`,
        'evr-malformed',
        'error',
      ],
      [
        'Red Hat, unaffected: installed and not installed',
        `${redhat}/rhel-9-including-unpatched.oval.xml.bz2`,
        'never-true',
        'error',
      ],
    ] as const)('%s', async (_, path, rule, level) => {
      const report = await validateFile(dataPath(path));

      expect(report.counts).toContainEqual(expect.objectContaining({ rule, level }));
      expect(report.problems.find((problem) => problem.rule === rule)?.line).toBeGreaterThan(1);
    });

    test('Canonical 2024, by CVE: nothing to find fault with', async () => {
      const report = await validateFile(
        dataPath(`${ubuntu}_pkg_fetch_ubuntu_oval_testdata_fixtures_oci.com.ubuntu.jammy.cve.oval.xml`),
      );

      expect(report).toMatchObject({ valid: true, problems: [] });
    });
  },
);

describe.skipIf(!hasData('debian') || !hasOfficialSchemas())('the official schemas', () => {
  test('do not see the doubled epoch that the streamed checks do', async () => {
    const report = await validateFile(dataPath(wheezy), { official: officialSchemas });

    expect(report.schemas).toEqual(['official']);
    expect(report.counts.find(({ rule }) => rule === 'schema')).toBeUndefined();
    expect(report.valid).toBe(false);
  });
});

const content = '/usr/share/xml/scap/ssg/content';

describe.skipIf(!hasOracle('oscap') || !existsSync(content))('content of the SCAP Security Guide', () => {
  test.each(['ssg-debian12-ds.xml', 'ssg-rhel9-ds.xml'])(
    '%s is a data stream that resolves',
    async (name) => {
      const report = await validateFile(join(content, name), { official: officialSchemas });

      expect(report.kind).toBe('data-stream');
      expect(report.bytes).toBe(statSync(join(content, name)).size);
      expect(
        report.counts.filter(({ rule }) => rule === 'reference-unresolved' || rule === 'schema'),
      ).toEqual([]);
    },
  );
});
