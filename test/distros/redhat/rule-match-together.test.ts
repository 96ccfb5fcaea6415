import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Collector } from '../../../src/feed/compile/index.ts';
import type { Platform, Statement } from '../../../src/model/feed/index.ts';
import type { InstalledPackage } from '../../../src/model/inventory/index.ts';
import { type Feed, matchInventory } from '../../../src/runtime/index.ts';
import { rpm, verdictText, writeFeed } from './support.ts';

const rhel9: Platform = {
  id: 'rhel-9',
  name: 'Red Hat Enterprise Linux 9',
  aliases: [],
  os: { id: 'rhel', version: '9' },
  packaging: 'rpm',
  life: [],
};

/** containers-common was built from skopeo before it had a source of its own. */
const binaries = new Map([
  ['skopeo', ['skopeo', 'containers-common']],
  ['containers-common', ['containers-common', 'containers-common-extra']],
]);
const versions = ['1-1.el9', '1-2.el9_2', '1-3.el9_4', '2-1.el9_4', '2-2.module+el9.4.0+21392+a91c8c4f'];
const modules = [undefined, 'container-tools:1', 'container-tools:2'];

const statement = fc.record({
  vulnerability: fc.constantFrom('CVE-2024-1000', 'CVE-2024-1001', 'CVE-2024-1002'),
  package: fc.constantFrom('skopeo', 'containers-common', 'containers-common-extra'),
  subject: fc.constantFrom('source' as const, 'binary' as const),
  minor: fc.constantFrom(undefined, 2, 4),
  channel: fc.constantFrom(undefined, 'eus'),
  module: fc.constantFrom(undefined, undefined, ...modules),
  fixed: fc.constantFrom(undefined, ...versions),
});

const installed = fc.record({
  name: fc.constantFrom('skopeo', 'containers-common', 'containers-common-extra'),
  source: fc.constantFrom('skopeo', 'containers-common'),
  version: fc.constantFrom(...versions),
  sourceVersion: fc.constantFrom(...versions),
  arch: fc.constantFrom('x86_64', 'i686'),
  module: fc.constantFrom(undefined, undefined, ...modules),
});

function feedWith(statements: readonly (typeof statement extends fc.Arbitrary<infer T> ? T : never)[]): Feed {
  const collector = new Collector('redhat');
  collector.platform(rhel9, { inputs: [], binaries });
  for (const { minor, channel, module, fixed, ...rest } of statements) {
    collector.statement({
      ...rest,
      platform: 'rhel-9',
      severity: 'medium',
      evidence: 'redhat-vex#{vulnerability}',
      ...(minor === undefined ? {} : { minor }),
      ...(channel === undefined ? {} : { channel }),
      ...(module === undefined ? {} : { module }),
      ...(fixed === undefined ? { status: 'affected', fixState: 'none_yet' } : { status: 'fixed', fixed }),
    } as Statement);
  }
  return writeFeed(collector);
}

function verdicts(feed: Feed, packages: InstalledPackage[], all: boolean): string[] {
  const os = { id: 'rhel', versionId: '9.4', found: '/etc/os-release' };
  const result = matchInventory(feed, feed.shard('rhel-9')!, { os, packages }, { all });
  return result.verdicts.map((verdict) => {
    const { name, version, arch, module, source } = verdict.package;
    return `${name} ${version} ${arch} ${module} ${source.name} ${source.version}: ${verdictText(verdict)}`;
  });
}

// A matcher's caches between packages (lines, groups of rows, outcomes) must not change a verdict.
describe('packages of one image', () => {
  it('are judged together as each by itself', () => {
    fc.assert(
      fc.property(
        fc.array(statement, { minLength: 1, maxLength: 8 }),
        fc.array(installed, { minLength: 2, maxLength: 8 }),
        fc.boolean(),
        (statements, facts, all) => {
          const feed = feedWith(statements);
          const packages = facts.map(({ name, source, version, sourceVersion, arch, module }) =>
            rpm(`${name}-${version}.${arch}`, {
              from: `${source}-${sourceVersion}`,
              ...(module === undefined ? {} : { module, modularityLabel: `${module}:9040020240101000000:1` }),
            }),
          );
          const alone = packages.flatMap((pkg) => verdicts(feed, [pkg], all));
          expect(verdicts(feed, packages, all).sort()).toEqual(alone.sort());
          feed.close();
        },
      ),
      { numRuns: 400 },
    );
  });
});
