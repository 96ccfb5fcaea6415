import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { clairTarget } from '../../src/export/clair/write-clair.ts';
import { replaceExports } from '../../src/export/write-exports.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

// Clair is in no package of npm or Debian: the structure that its reader takes is all that is tested.

const rhel = {
  id: 'rhel-9',
  name: 'Red Hat Enterprise Linux 9',
  aliases: [],
  os: { id: 'rhel', version: '9' },
  packaging: 'rpm' as const,
  life: [],
};

interface Value {
  Updater: string;
  Ref: string;
  Kind: string;
  Fingerprint: string;
  Date: string;
  Vuln: {
    name: string;
    package: Record<string, string>;
    fixed_in_version: string;
    normalized_severity: string;
  };
}

async function exported(): Promise<{ values: Value[]; bytes: Buffer; causes: string[] }> {
  const feed = openFeed(
    writeSmallFeed([
      {
        platform: bookworm,
        statements: [
          {
            vulnerability: 'CVE-2024-0001',
            package: 'bash',
            status: 'fixed',
            fixed: '5.2-2',
            severity: 'high',
          },
          { vulnerability: 'CVE-2024-0002', package: 'bash', status: 'affected', fixState: 'none_yet' },
          { vulnerability: 'CVE-2024-0003', package: 'bash', status: 'not_affected' },
          { vulnerability: 'CVE-2024-0004', package: 'curl', status: 'under_investigation' },
        ],
      },
      {
        platform: rhel,
        statements: [
          {
            vulnerability: 'CVE-2024-0001',
            package: 'bash',
            status: 'fixed',
            fixed: '0:5.1.8-9.el9',
            subject: 'binary',
            arch: ['s390x', 'x86_64'],
          },
          {
            vulnerability: 'CVE-2024-0001',
            package: 'bash',
            status: 'not_affected',
            subject: 'binary',
            arch: ['aarch64'],
          },
        ],
      },
    ]),
  );
  const out = join(temporaryFolder(), 'exports');
  const [report] = await replaceExports(out, {
    feed,
    targets: [clairTarget],
    toolVersion: '0.0.0',
    progress: () => undefined,
  });
  feed.close();
  const bytes = readFileSync(join(out, 'clair/updates.json.gz'));
  const lines = gunzipSync(bytes).toString().trimEnd().split('\n');
  return {
    values: lines.map((line) => JSON.parse(line) as Value),
    bytes,
    causes: report!.platforms.flatMap(({ entries }) => entries.map(({ cause }) => cause)),
  };
}

test('values have the members that import-updaters reads, those of one operation together', async () => {
  const { values, causes } = await exported();

  expect(
    values.map(({ Updater, Vuln }) => [Updater, Vuln.name, Vuln.package['name'], Vuln.fixed_in_version]),
  ).toEqual([
    ['debian/updater/bookworm', 'CVE-2024-0002', 'bash', ''],
    ['debian/updater/bookworm', 'CVE-2024-0001', 'bash', '5.2-2'],
    ['debian/updater/bookworm', 'CVE-2024-0004', 'curl', ''],
    ['rhel-vex/9', 'CVE-2024-0001', 'bash', '0:5.1.8-9.el9'],
    ['rhel-vex/9', 'CVE-2024-0001', 'bash', '0:5.1.8-9.el9'],
  ]);
  const refs = values.map(({ Ref }) => Ref);
  expect(new Set(refs).size).toBe(2);
  expect([...refs].sort((a, b) => refs.indexOf(a) - refs.indexOf(b))).toEqual(refs);
  for (const { Ref, Kind, Date: date } of values) {
    expect(Ref).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Kind).toBe('vulnerability');
    expect(date).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);
  }
  expect(causes).toEqual(['under_investigation']);
});

test('Debian is found by its version, RHEL by the CPEs of its repositories and by architectures', async () => {
  const { values } = await exported();
  const [, debian, , baseos, appstream] = values as unknown as Record<'Vuln', Record<string, object>>[];

  expect(debian!.Vuln['distribution']).toMatchObject({
    did: 'debian',
    name: 'Debian GNU/Linux',
    version: '12 (bookworm)',
    version_code_name: 'bookworm',
    pretty_name: 'Debian GNU/Linux 12 (bookworm)',
  });
  expect(debian!.Vuln).toMatchObject({
    package: { kind: 'source' },
    normalized_severity: 'High',
    severity: 'high',
  });
  expect([baseos, appstream].map((value) => value!.Vuln['repository'])).toEqual(
    ['o', 'a'].map((part) => ({
      id: '',
      uri: '',
      key: 'rhel-cpe-repository',
      name: `cpe:/${part}:redhat:enterprise_linux:9`,
      cpe: `cpe:/${part}:redhat:enterprise_linux:9`,
    })),
  );
  expect(baseos!.Vuln).toMatchObject({
    package: { kind: 'binary', arch: 'i686|noarch|ppc64|ppc64le|s390|s390x|x86_64' },
    arch_op: 'pattern match',
  });
});

test('the same feed gives the same bytes', async () => {
  expect((await exported()).bytes.equals((await exported()).bytes)).toBe(true);
});
