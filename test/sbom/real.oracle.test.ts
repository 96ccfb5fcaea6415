import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { InstalledPackage } from '../../src/model/inventory/index.ts';
import { openSbom, type ReadSbom } from '../../src/sbom/index.ts';
import { scapfeed } from '../support/cli.ts';
import { hasData, unpackData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface Scanned {
  targets: {
    target: string;
    error?: { code: string };
    result?: {
      platform: { id: string };
      uncovered: { reason: string }[];
      gaps?: { code: string }[];
      verdicts: { vulnerability: string; status: string; package: InstalledPackage }[];
    };
  }[];
}

const folder = temporaryFolder();

function unpack(archive: string): string {
  const into = join(folder, archive);
  unpackData(`real/${archive}.tar.zst`, into);
  return into;
}

function counted(names: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe.skipIf(!hasData('real') || !hasOracle('zstd'))(
  '119 SBOMs of popular images, by syft and trivy',
  () => {
    let place: string;
    const read = new Map<string, ReadSbom>();
    const packagesOf = (name: string) => read.get(name)!.inventory.packages;
    beforeAll(async () => {
      place = join(unpack('sboms'), 'sboms');
      for (const name of readdirSync(place).sort()) read.set(name, await openSbom(join(place, name)));
    });

    it('each states its release, and each package its source', () => {
      expect(counted([...read.values()].map(({ inventory }) => inventory.os?.id ?? 'none'))).toEqual({
        alpine: 33,
        amzn: 1,
        debian: 45,
        ol: 1,
        photon: 1,
        rhel: 12,
        sles: 2,
        ubuntu: 24,
      });
      const unstated = [...read.values()].flatMap(({ inventory }) =>
        inventory.packages.flatMap((pkg) => pkg.unstated ?? []),
      );
      // No SBOM of others has the key of an rpm package.
      expect(counted(unstated)).toEqual({ signature: 2_285 });
      expect(
        [...read.values()].flatMap(({ inventory }) => inventory.databases.filter((each) => each.incomplete)),
      ).toEqual([]);
    });

    it.each([
      ['0108-syft.json', '0825-trivy.json', []],
      ['0173-syft.json', '0902-trivy.json', []],
      ['0393-syft.json', '1216-trivy.json', []],
      // trivy leaves out builds that Ubuntu took over from Debian without a change.
      ['0399-syft.json', '1227-trivy.json', ['libgdbm3 1.8.3-13.1', 'libmpc3 1.0.3-1']],
    ])('of one image %s and %s list the same packages and sources', (syft, trivy, more) => {
      const { image } = read.get(syft)!;
      expect(image.digest).toMatch(/^sha256:/);
      expect(read.get(trivy)!.image.digest).toBe(image.digest);
      // The facts that a judge reads. Without the architecture, which trivy does not write for dpkg.
      const facts = (name: string) =>
        packagesOf(name).map((pkg) => `${pkg.name} ${pkg.version} ${pkg.source.name} ${pkg.source.version}`);
      const [ofSyft, ofTrivy] = [facts(syft), facts(trivy)];
      expect(ofTrivy.filter((each) => !ofSyft.includes(each))).toEqual([]);
      const alone = ofSyft
        .filter((each) => !ofTrivy.includes(each))
        .map((each) => each.split(' ', 2).join(' '));
      expect(alone).toEqual(more);
    });

    it('those of Alpine and Debian are judged whole by the data of their vendors', () => {
      const feed = join(folder, 'feed');
      const built = scapfeed([
        ...['build', '--mirror', unpack('mirror-real'), '--unsigned-mirror', '--out', feed, '--no-oval'],
        ...['--source', 'alpine', '--source', 'debian', '--snapshots', join(folder, 'snapshots')],
      ]);
      expect(built.code, built.err).toBe(0);
      const { out } = scapfeed([
        'scan',
        join(place, '*.json'),
        '--feed',
        feed,
        '--max-age',
        '0',
        '-o',
        'json',
      ]);
      const { targets } = JSON.parse(out) as Scanned;

      const causes = targets.map(({ error, result }) => {
        if (!result) return `${error?.code}`;
        const found = [
          ...result.uncovered.map(({ reason }) => reason),
          ...(result.gaps ?? []).map(({ code }) => code),
        ];
        return `${result.platform.id.split('-')[0]}: ${[...new Set(found)].join(', ')}`;
      });
      // Every release of them has ended since; the feed has no other vendor.
      expect(counted(causes)).toEqual({
        'alpine: end_of_life': 33,
        'debian: end_of_life': 45,
        PLATFORM_NOT_COVERED: 41,
      });
      const verdicts = (name: string) =>
        targets
          .find(({ target }) => target.endsWith(name))!
          .result!.verdicts.map(
            ({ vulnerability, status, package: pkg }) => `${vulnerability} ${status} ${pkg.name}`,
          )
          .sort();
      expect(verdicts('0108-syft.json')).toEqual(verdicts('0825-trivy.json'));
      expect(verdicts('0108-syft.json').length).toBeGreaterThan(100);
      expect(verdicts('0173-syft.json')).toEqual(verdicts('0902-trivy.json'));
    }, 600_000);
  },
);
