import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { gentooPlatform } from '../../../src/distros/gentoo/definition.ts';
import { Collector, compile, writeCompiled } from '../../../src/feed/compile/index.ts';
import { makeManifest } from '../../../src/model/feed/make-manifest.ts';
import { matchInventory, openFeed } from '../../../src/runtime/node.ts';
import { temporaryFolder } from '../../support/temporary.ts';

it('a range that this program cannot read affects nothing for certain, and clears nothing', () => {
  const collector = new Collector('gentoo');
  collector.platform(gentooPlatform, { inputs: ['gentoo-glsa'] });
  for (const [vulnerability, range] of [
    ['CVE-2024-1000', '<1.3.1|!>=1.3.1'],
    ['CVE-2024-1000', '^1.3'],
    ['CVE-2024-2000', '^1.3'],
  ] as const) {
    collector.vulnerability({ id: vulnerability });
    collector.statement({
      ...{ vulnerability, platform: gentooPlatform.id, package: 'sys-libs/zlib', subject: 'binary' },
      ...{ status: 'affected', fixState: 'none_yet', range, severity: 'high' },
      evidence: 'gentoo-glsa#GLSA-202405-01',
    });
  }
  const directory = temporaryFolder('gentoo');
  const written = writeCompiled(directory, compile([collector], []));
  const created = '2026-05-01T00:00:00Z';
  const manifest = makeManifest({ toolVersion: '0.0.0', created, inputs: [], sources: [], ...written });
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  const feed = openFeed(directory);
  const judge = (version: string) =>
    matchInventory(
      feed,
      feed.shard(gentooPlatform.id)!,
      {
        os: { id: 'gentoo', found: '/etc/os-release' },
        packages: [
          {
            ...{ type: 'ebuild', name: 'sys-libs/zlib', version, arch: 'amd64', slot: '0' },
            ...{ source: { name: 'sys-libs/zlib', version }, database: '/var/db/pkg' },
          },
        ],
      },
      { all: false },
    )
      .verdicts.map((each) => [each.vulnerability, each.status, each.fixedVersion ?? each.fixState].join(' '))
      .sort();

  // Versions that the other advisory excludes are not certain to be fixed.
  expect(judge('1.3')).toEqual(['CVE-2024-1000 affected none_yet', 'CVE-2024-2000 under_investigation ']);
  expect(judge('1.4')).toEqual(['CVE-2024-1000 under_investigation ', 'CVE-2024-2000 under_investigation ']);
});
