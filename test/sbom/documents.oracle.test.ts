import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isScapfeedError } from '../../src/model/error.ts';
import { openSbom } from '../../src/sbom/index.ts';
import { project, scapfeed } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { mirrorFeed } from '../support/mirror-feed.ts';
import { hasOracle, npmCommand } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

const trivy = npmCommand('trivy');

/** Other files in a folder of SBOMs. */
const noSboms = /(?:INDEX\.csv|PROVENANCE\.md|package\.json)$/;

describe.skipIf(!hasData('sboms'))('real documents', () => {
  const root = dataPath('sboms');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(root, file)).isFile() && !noSboms.test(file))
    .sort();

  it('are read with every component accounted for, or refused with a code', async () => {
    const refused: string[] = [];
    let read = 0;
    for (const file of files) {
      try {
        const { inventory } = await openSbom(join(root, file));
        requireAccount(inventory.notes, inventory.packages.length, inventory.unjudged ?? [], file);
        read += 1;
      } catch (error) {
        if (!isScapfeedError(error)) throw error;
        refused.push(`${file}: ${error.code}`);
      }
    }

    expect(read).toBeGreaterThan(360);
    // Invalid on purpose, or of another format.
    expect(refused.filter((line) => !/invalid|tampered|bad-sbom|\.gsbom\./.test(line))).toEqual([]);
  });
});

describe.skipIf(!hasData('sboms', 'guacsec+trustify'))("Red Hat's documents of a build", () => {
  const folder = 'sboms/guacsec+trustify/etc/test-data';

  it.each([
    ['spdx/openssl-3.0.7-18.el9_2.spdx.json', 35],
    ['cyclonedx/rh/product_component/openssl-3.0.7-18.el9_2.cdx.json', 35],
    ['cyclonedx/rh/product_component/RHEL-8.10.0.Z_curl@7.61.1-34.el8_10.2.json', 40],
    ['cyclonedx/rh/rpm_src_binary/example_rpm_binaries.json', 16],
    [
      'cyclonedx/rh/latest_filters/rpm/NetworkManager/network_manager_2025-04-08/1.46.0-27.el9_4-release.json',
      124,
    ],
  ])('name the source of every package: %s', async (file, count) => {
    const { inventory } = await openSbom(dataPath(folder, file));
    expect(inventory.packages).toHaveLength(count);
    expect(inventory.packages.filter(({ unstated }) => unstated?.includes('source'))).toEqual([]);
    expect(new Set(inventory.packages.map(({ source }) => source.name)).size).toBe(1);
  });
});

/** The numbers of the notes are all components. */
function requireAccount(
  notes: readonly { code: string; detail?: string }[],
  packages: number,
  unjudged: readonly { packages: number }[],
  file: string,
): void {
  const count = (code: string) =>
    notes
      .filter((note) => note.code === code)
      .reduce((sum, { detail = '' }) => sum + Number(/^\d+/.exec(detail)?.[0] ?? 0), 0);
  const all = notes.find(({ code }) => code === 'sbom')?.detail ?? '';
  const told = Number(/among (\d+) components$/.exec(all)?.[1]);
  const others = unjudged.reduce((sum, each) => sum + each.packages, 0);
  const left =
    count('sbom_components_left_out') +
    count('sbom_packages_listed_twice') +
    count('packaged_languages') +
    count('incomplete_package_database');
  expect(packages + others + left, file).toBe(told);
}

/** Built from the vendors' documents, for the roots of which there are SBOMs. */
describe.skipIf(!hasData('mirror') || !hasData('sboms', 'made-here') || !hasData('openscap-tests', 'rootfs'))(
  'SBOMs of trivy and the root that they are of',
  () => {
    const folder = temporaryFolder();
    let feed: string;
    beforeAll(() => {
      feed = mirrorFeed();
      for (const [name, archive] of [
        ['debian', 'slim-host.tar.gz'],
        ['rhel', 'rootfs-rhel9.tar.gz'],
      ] as const) {
        const into = join(folder, name);
        execFileSync('mkdir', [into]);
        execFileSync('tar', ['xzf', dataPath('openscap-tests', 'rootfs', archive), '-C', into]);
      }
    });

    const verdicts = (reference: string): string[] => {
      const { out } = scapfeed(['scan', reference, '--feed', feed, '--max-age', '0', '-o', 'json', '--all']);
      const document = JSON.parse(out) as {
        verdicts: { vulnerability: string; package: { name: string; arch: string; version: string } }[];
        uncovered: { name: string; version: string; reason: string }[];
      };
      return [
        ...document.verdicts.map(({ package: { name, arch, version }, ...rest }) =>
          JSON.stringify({ ...rest, marks: [], evidence: '', name, arch, version }),
        ),
        ...document.uncovered.map(({ name, version, reason }) => `${name} ${version} ${reason}`),
      ];
    };

    const known = new Map<string, string[]>();
    const ofRoot = (name: string): string[] => {
      if (!known.has(name)) known.set(name, verdicts(`dir:${join(folder, name)}`));
      return known.get(name)!;
    };

    it.each([
      ['debian', 'debian-12-slim.trivy-0.46.cyclonedx.json', 500],
      ['debian', 'debian-12-slim.trivy-0.46.spdx-json.json', 500],
      ['rhel', 'rhel-9.trivy-0.46.cyclonedx.json', 12],
      ['rhel', 'rhel-9.trivy-0.46.spdx-json.json', 12],
    ])('%s, %s: the same verdicts', (root, sbom, least) => {
      expect(ofRoot(root).length).toBeGreaterThan(least);
      expect(verdicts(`sbom:${dataPath('sboms', 'made-here', sbom)}`)).toEqual(ofRoot(root));
    });

    it.skipIf(trivy === undefined).each(['cyclonedx', 'spdx-json', 'spdx'])(
      'trivy writes %s now: the same verdicts',
      (form) => {
        const file = join(folder, `trivy.${form}`);
        const offline = ['--skip-db-update', '--offline-scan', '--cache-dir', join(folder, 'trivy')];
        const ran = spawnSync(trivy!, [
          'rootfs',
          '--format',
          form,
          ...offline,
          '--output',
          file,
          join(folder, 'debian'),
        ]);
        expect(ran.status, String(ran.stderr)).toBe(0);

        expect(verdicts(`sbom:${file}`)).toEqual(ofRoot('debian'));
      },
    );
  },
  600_000,
);

describe.skipIf(!hasOracle('time'))('a document of 200 MB', () => {
  /** Components with long texts, a loop of dependencies, and files that are passed over. */
  function writeLarge(file: string, bytes: number): number {
    const out = openSync(file, 'w');
    const filler = 'x'.repeat(500);
    let written = writeSync(out, '{"bomFormat":"CycloneDX","specVersion":"1.6","components":[');
    let count = 0;
    while (written < bytes) {
      const lines: string[] = [];
      for (let at = 0; at < 1000; at++, count++) {
        const purl = `pkg:deb/debian/p${count}@1?upstream=p&distro=debian-12`;
        lines.push(
          `${count > 0 ? ',' : ''}${JSON.stringify({ type: 'library', name: `p${count}`, purl, description: filler })}`,
        );
      }
      written += writeSync(out, lines.join(''));
    }
    writeSync(out, '],"dependencies":[{"ref":"a","dependsOn":["a"]}]}');
    closeSync(out);
    return count;
  }

  it('is read within 30 s of processor time and 1 GB', () => {
    const file = join(temporaryFolder(), 'large.json');
    const count = writeLarge(file, 200 * 1024 * 1024);
    const ran = spawnSync(
      'time',
      [
        '-f',
        'peak=%M user=%U system=%S',
        process.execPath,
        join(project, 'dist/cli.cjs'),
        'inventory',
        `sbom:${file}`,
        '-o',
        'manifest=/dev/null',
      ],
      { encoding: 'utf8' },
    );

    expect(ran.status, ran.stderr).toBe(0);
    expect(count).toBeGreaterThan(300_000);
    const [, peak, user, system] = /peak=(\d+) user=([\d.]+) system=([\d.]+)/.exec(ran.stderr)!.map(Number);
    expect(user! + system!).toBeLessThan(30);
    expect(peak).toBeLessThan(1024 * 1024);
  }, 120_000);
});
