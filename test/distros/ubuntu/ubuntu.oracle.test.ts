import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeOval } from '../../../src/feed/oval/index.ts';
import type { Platform, ShardClaim } from '../../../src/model/feed/index.ts';
import { definitionId } from '../../../src/oval/document/document.ts';
import { coverageKey, flawKey, ovalNamespace, type Selection } from '../../../src/oval/forms/rows.ts';
import { affected, fixed, indexOf } from '../../oval/support/indexes.ts';
import { oscapEval, rootOf } from '../../oval/support/roots.ts';
import { hasOracle } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const jammy: Platform = {
  id: 'ubuntu-22.04',
  name: 'Ubuntu 22.04 LTS',
  aliases: ['jammy'],
  os: { id: 'ubuntu', version: '22.04', codename: 'jammy' },
  packaging: 'deb',
  life: [],
};

/** One flaw for each kind of row: base, ESM, FIPS, and their combinations. */
const claims: ShardClaim[] = [
  fixed('1.0-1ubuntu0.2', ['CVE-0001-0001', 'CVE-0001-0002']),
  fixed('1.0-1ubuntu0.1~esm3', ['CVE-0001-0001'], { channel: 'esm-infra' }),
  affected('other_channel', ['CVE-0001-0003'], { reason: 'esm-infra', channelFix: '1.0-1ubuntu0.1~esm3' }),
  fixed('1.0-1ubuntu0.1~esm3', ['CVE-0001-0003'], { channel: 'esm-infra' }),
  fixed('1.0-1ubuntu0.2+Fips2', ['CVE-0001-0004'], { channel: 'fips' }),
  affected('none_yet', ['CVE-0001-0004']),
];

const base = '1.0-1ubuntu0.1';
const esmOld = '1.0-1ubuntu0.1~esm2';
const esmNew = '1.0-1ubuntu0.1~esm3';
const fips = '1.0-1ubuntu0.2+Fips1';

const cases: [string, string, Selection, string, boolean][] = [
  ['a plain build below the plain fix', base, 'fixed', 'CVE-0001-0001', true],
  ['a plain build at the plain fix', '1.0-1ubuntu0.2', 'fixed', 'CVE-0001-0001', false],
  ['an ESM build by its own row', esmNew, 'fixed', 'CVE-0001-0001', false],
  ['an older ESM build by its own row', esmOld, 'fixed', 'CVE-0001-0001', true],
  ['an ESM build by the plain row, where it has none', esmNew, 'fixed', 'CVE-0001-0002', true],
  ['a plain build whose fix is in ESM alone', '1.0-1ubuntu0', 'unfixed', 'CVE-0001-0003', true],
  ['the same is not fixable here', '1.0-1ubuntu0', 'fixed', 'CVE-0001-0003', false],
  ['an older ESM build can be updated', esmOld, 'fixed', 'CVE-0001-0003', true],
  ['a FIPS build by its own row', fips, 'fixed', 'CVE-0001-0004', true],
  ['a fixed FIPS build', '1.0-1ubuntu0.2+Fips2', 'fixed', 'CVE-0001-0004', false],
  ['a plain build by the plain row', base, 'unfixed', 'CVE-0001-0004', true],
  ['a FIPS build by the plain row, where it has none', fips, 'fixed', 'CVE-0001-0002', false],
];

const id = (key: string) => definitionId(ovalNamespace('ubuntu-22.04'), key);

async function written(): Promise<string> {
  const directory = temporaryFolder();
  await writeOval(indexOf({ platform: jammy, source: 'ubuntu', packages: { demo: claims } }), directory, {
    toolVersion: '0',
  });
  return directory;
}

describe.skipIf(!hasOracle('oscap'))('oscap on our Ubuntu OVAL', () => {
  test.each(cases)('%s', async (_, version, selection, cve, want) => {
    const root = rootOf({
      'etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\n',
      'var/lib/dpkg/status': `Package: libdemo1\nStatus: install ok installed\nArchitecture: amd64\nSource: demo (${version})\nVersion: 9:1\n`,
    });
    const suffix = selection === 'fixed' ? 'oval' : 'unfixed.oval';
    const results = oscapEval(join(await written(), `ubuntu-22.04.${suffix}.xml`), root);

    expect(results.get(id(flawKey(selection, cve, 'demo'))) ?? 'false').toBe(String(want));
  });

  test.each(cases)('in the manifest: %s', async (_, version, selection, cve, want) => {
    const suffix = selection === 'fixed' ? 'manifest.oval' : 'manifest.unfixed.oval';
    const results = evaluateManifest(await written(), suffix, [
      '#platform ubuntu-22.04 22.04',
      `libdemo1\t9:1\tamd64\tdemo\t${version}\t-\t-`,
    ]);

    expect(results.get(id(flawKey(selection, cve, 'demo'))) ?? 'false').toBe(String(want));
    expect(results.get(id(coverageKey))).toBe('true');
  });

  test('a manifest of another release is no match', async () => {
    const results = evaluateManifest(await written(), 'manifest.oval', [
      '#platform ubuntu-20.04 20.04',
      'demo\t0\tamd64\tdemo\t0\t-\t-',
    ]);

    expect(new Set(results.values())).toEqual(new Set(['false']));
  });
});

/** The manifest lies in the directory that oscap runs in, as Canonical's own does. */
function evaluateManifest(directory: string, suffix: string, lines: string[]): Map<string, string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'manifest'), `${lines.join('\n')}\n`);
  const document = join(directory, `ubuntu-22.04.${suffix}.xml`);
  const { stdout } = spawnSync('oscap', ['oval', 'eval', '--skip-validation', document], {
    cwd: folder,
    encoding: 'utf8',
  });
  return new Map([...stdout.matchAll(/^Definition (\S+): (.+)$/gm)].map((match) => [match[1]!, match[2]!]));
}
