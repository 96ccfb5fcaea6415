import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ecosystemOf } from '../../src/ecosystems/ecosystems.ts';
import { platformOf } from '../../src/ecosystems/osv/read.ts';
import type { EcosystemId } from '../../src/model/inventory/index.ts';
import { zipRecords } from '../prove-exports/osv.ts';
import { scapfeed } from '../support/cli.ts';
import { type SmallPlatform, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { readBolt } from './read-bolt.ts';

function language(id: EcosystemId, ranges: Readonly<Record<string, string>>): SmallPlatform {
  const statements = Object.entries(ranges).map(([name, range], at) => ({
    ...{ vulnerability: `CVE-2026-${at + 1}`, package: name, range, severity: 'high' as const },
    ...{
      status: 'affected' as const,
      fixState: 'none_yet' as const,
      advisories: [`GHSA-aaaa-bbbb-000${at}`],
    },
  }));
  return { platform: platformOf(ecosystemOf(id)!), statements };
}

function exported(platforms: readonly SmallPlatform[], targets: string) {
  const out = join(temporaryFolder(), 'exports');
  const run = scapfeed(['export', '--feed', writeSmallFeed(platforms), '--to', targets, '--out', out]);
  const inexact = (target: string) => JSON.parse(readFileSync(join(out, `${target}.inexact.json`), 'utf8'));
  return { out, run, inexact };
}

describe('packages of languages', () => {
  it("are in Trivy's buckets with every interval and single version", () => {
    const { out, inexact } = exported(
      [
        language('npm', {
          left: '>=1.0.0|<1.2.0|>=2.0.0|<=2.3.4|3.0.0',
          '@scope/all': '*',
          Upper: '<2',
          upper: '<1',
        }),
      ],
      'trivy',
    );
    const tree = readBolt(readFileSync(join(out, 'trivy/trivy.db')));
    const bucket = tree['npm::Open Source Vulnerability'] as Record<string, Record<string, string>>;
    const ranges = (name: string) =>
      Object.entries(bucket[name]!).map(([id, text]) => [id, JSON.parse(text).VulnerableVersions]);
    expect(ranges('left')).toEqual([['CVE-2026-1', ['>=1.0.0, <1.2.0', '>=2.0.0, <=2.3.4', '=3.0.0']]]);
    expect(ranges('@scope/all')).toEqual([['CVE-2026-2', ['']]]);
    expect(ranges('Upper')).toEqual([['CVE-2026-3', ['<2']]]);
    expect(ranges('upper')).toEqual([
      ['CVE-2026-3', ['<2']],
      ['CVE-2026-4', ['<1']],
    ]);
    expect(inexact('trivy').platforms[0].entries).toContainEqual(
      expect.objectContaining({ cause: 'letter_case', examples: ['CVE-2026-4 upper'] }),
    );
  });

  it.each([
    ['pypi', 'pip', 'zope-interface', ['zope-interface', 'zope.interface']],
    ['cargo', 'cargo', 'a-b-c', ['a-b-c', 'a-b_c', 'a_b-c', 'a_b_c']],
    ['cargo', 'cargo', 'a-b-c-d-e-f', ['a-b-c-d-e-f', 'a_b_c_d_e_f']],
    ['golang', 'go', 'github.com/Some/Mod', ['github.com/Some/Mod']],
  ] as const)('of %s are there by the spellings of their names: %s, %s', (id, prefix, name, names) => {
    const { out } = exported([language(id, { [name]: '<1' })], 'trivy');
    const tree = readBolt(readFileSync(join(out, 'trivy/trivy.db')));
    expect(Object.keys(tree[`${prefix}::Open Source Vulnerability`]!)).toEqual(names);
  });

  it('are OSV records by the ids of their sources', () => {
    const { out, inexact } = exported([language('nuget', { 'some.thing': '>=1.0|<1.2|3.0' })], 'osv');
    expect(zipRecords(join(out, 'osv/osv-scalibr/NuGet/all.zip'))).toMatchObject([
      {
        ...{ id: 'GHSA-aaaa-bbbb-0000', aliases: ['CVE-2026-1'], database_specific: { severity: 'HIGH' } },
        affected: [
          {
            package: { ecosystem: 'NuGet', name: 'some.thing' },
            ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '1.0' }, { fixed: '1.2' }] }],
            versions: ['3.0'],
          },
        ],
      },
    ]);
    expect(inexact('osv').platforms[0].entries).toMatchObject([{ cause: 'letter_case' }]);
  });

  it.each(['debsecan', 'clair', 'notus'])('alone are refused by %s, which would look clean', (target) => {
    const { run } = exported([language('npm', { left: '<1' })], target);
    expect(run.code).toBe(4);
    expect(run.err).toContain(
      'npm: packages of languages are written for Trivy, Grype and osv-scanner, not for',
    );
    expect(run.err).toContain(`omit ${target}`);
  });
});
