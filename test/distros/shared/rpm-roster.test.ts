import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import almaLinuxDefinition from '../../../feeds/almalinux.json' with { type: 'json' };
import rockyDefinition from '../../../feeds/rocky.json' with { type: 'json' };
import { suseDefinition } from '../../../src/distros/suse/definition.ts';
import { scapfeed } from '../../support/cli.ts';
import { writeRepositories } from '../../support/repodata.ts';
import { scanned } from '../../support/scanned.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { writeAlmaMirror } from '../rebuild/almalinux/world.ts';
import { writeRockyMirror } from '../rebuild/rocky/world.ts';
import { writeSuseMirror } from '../suse/world.ts';

/** A vendor, and how its packages look. */
interface Vendor {
  source: string;
  platform: string;
  os: { name: string; version: string };
  purl: string;
  /** Its name in packages, and one of its keys. */
  name: string;
  key: string;
  tag: string;
  mirror: () => string;
  packages: string;
  repositories: readonly string[];
}

const zlibFix = { cves: ['CVE-2024-3000'], packages: ['zlib-1.2.11-40.el9.x86_64'] };

const vendors: Vendor[] = [
  {
    ...{ source: 'almalinux', platform: 'almalinux-9', os: { name: 'almalinux', version: '9.3' } },
    ...{ purl: 'almalinux', name: 'AlmaLinux', key: 'd36cb86cb86b3716', tag: 'el9' },
    mirror: () => writeAlmaMirror({ errata: { 9: [{ id: 'ALSA-2024:3000', ...zlibFix }] } }),
    packages: almaLinuxDefinition.packages,
    repositories: almaLinuxDefinition.releases.find(({ major }) => major === '9')!.repositories,
  },
  {
    ...{ source: 'rocky', platform: 'rocky-9', os: { name: 'rocky', version: '9.3' } },
    ...{ purl: 'rocky', name: 'Rocky Enterprise Software Foundation', key: '702d426d350d275d', tag: 'el9' },
    mirror: () => writeRockyMirror({ advisories: [{ name: 'RLSA-2024:3000', ...zlibFix }] }),
    packages: rockyDefinition.packages,
    repositories: rockyDefinition.releases.find(({ major }) => major === '9')!.repositories,
  },
  {
    ...{
      source: 'suse',
      platform: 'opensuse-tumbleweed',
      os: { name: 'opensuse-tumbleweed', version: '20260924' },
    },
    ...{ purl: 'opensuse', name: 'openSUSE', key: '35a2f86e29b700a4', tag: '1.1' },
    mirror: () =>
      writeSuseMirror({
        archive: [
          { id: 'CVE-2024-3000', status: { recommended: ['openSUSE Tumbleweed:zlib-1.2.11-40.1.1'] } },
        ],
      }),
    packages: suseDefinition.packages,
    repositories: suseDefinition.releases.find(({ system }) => system === 'opensuse-tumbleweed')!
      .repositories!,
  },
];

/** A package of an SBOM, which names its vendor and the key of its signature only where it says so. */
interface Component {
  build: string;
  vendor?: string;
  key?: string;
}

function sbomOf({ os, purl, tag }: Vendor, components: Readonly<Record<string, Component>>): string {
  const file = join(temporaryFolder(), 'sbom.cdx.json');
  const document = {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
    components: [
      { type: 'operating-system', name: os.name, version: os.version },
      ...Object.entries(components).map(([name, { build, vendor, key }]) => {
        const version = `${build}.${tag}`;
        return {
          ...{ type: 'library', name, version },
          purl: `pkg:rpm/${purl}/${name}@${version}?arch=x86_64&distro=${os.name}-${os.version}&upstream=${name}-${version}.src.rpm`,
          ...(vendor === undefined ? {} : { supplier: { name: vendor } }),
          ...(key === undefined ? {} : { properties: [{ name: 'scapfeed:package:keyId', value: key }] }),
        };
      }),
    ],
  };
  writeFileSync(file, JSON.stringify(document));
  return file;
}

function build({ source }: Vendor, mirror: string): string {
  const folder = temporaryFolder('feed');
  const built = scapfeed([
    ...['build', '--source', source, '--mirror', mirror, '--no-oval'],
    ...['--snapshots', join(folder, 'snapshots'), '--out', join(folder, 'out')],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
  return join(folder, 'out');
}

interface Scan {
  platform: { id: string; marks: string[] };
  verdicts: { vulnerability: string; package: { name: string } }[];
  uncovered: { name: string; reason: string; detail: string }[];
}

const scan = (feed: string, sbom: string) => scanned<Scan>(`sbom:${sbom}`, feed);

const uncovered = ({ uncovered: all }: Scan) =>
  Object.fromEntries(all.map(({ name, reason, detail }) => [name, `${reason}: ${detail}`]));

describe.each(vendors)('an SBOM of a system of $source', (vendor) => {
  const { name, key, tag, platform } = vendor;
  const without = vendor.mirror();
  const whole = vendor.mirror();
  const [first, ...others] = vendor.repositories.map(
    (path) => `${vendor.packages.replace('https://', '')}/${path}`,
  );
  const shipped = ['bash-5.1.8-6', 'bash-5.1.8-9', 'glibc-2.34-83', 'zlib-1.2.11-39'];
  writeRepositories(whole, {
    [first!]: shipped.map((build) => `${build}.${tag}.x86_64`),
    ...Object.fromEntries(others.map((path) => [path, []])),
  });
  const feeds = { with: build(vendor, whole), without: build(vendor, without) };
  const sbom = sbomOf(vendor, {
    bash: { build: '5.1.8-9' },
    glibc: { build: '2.34-99' },
    zlib: { build: '1.2.11-1' },
    nagios: { build: '4.4.14-1' },
    'own-by-name': { build: '1-1', vendor: name },
    'own-by-key': { build: '1-1', vendor: name, key },
  });
  const unknown = 'not_covered: neither signed nor with a vendor, and';

  it('tells packages without a known flaw from those that it never shipped', () => {
    const result = scan(feeds.with, sbom);
    expect(result.platform).toMatchObject({ id: platform });
    expect(result.platform.marks).not.toContain('no_package_list');
    expect(uncovered(result)).toEqual({
      glibc: `${unknown} ${platform} has no build glibc-2.34-99.${tag}`,
      nagios: `${unknown} ${platform} has no source nagios`,
      'own-by-name': `not_covered: signed by no key of ${name.split(' ')[0]}, and ${platform} has no source own-by-name`,
    });
    expect(result.verdicts.map(({ package: pkg }) => pkg.name)).toEqual(['zlib']);
    expect(result.code).toBe(4);
  });

  it('without a roster says so, and takes no word of a package for its own', () => {
    const result = scan(feeds.without, sbom);
    expect(result.platform.marks).toContain('no_package_list');
    expect(Object.keys(uncovered(result)).sort()).toEqual(['bash', 'glibc', 'nagios']);
    expect(uncovered(result)['bash']).toBe(`${unknown} unknown to ${name.split(' ')[0]}`);
    expect(result.verdicts.map(({ package: pkg }) => pkg.name)).toEqual(['zlib']);
  });

  it('a build that it ships is not its own if another signed or made it', () => {
    const strangers = sbomOf(vendor, {
      bash: { build: '5.1.8-9', vendor: 'Fedora Project' },
      glibc: { build: '2.34-83', key: '8a3872bf3228467c' },
    });
    expect(uncovered(scan(feeds.with, strangers))).toMatchObject({
      ...{ bash: expect.stringContaining('vendor Fedora Project'), glibc: expect.stringContaining('EPEL 9') },
    });
  });

  it('is clean where all of its packages are builds that it ships', () => {
    const clean = sbomOf(vendor, { bash: { build: '5.1.8-6' }, glibc: { build: '2.34-83' } });
    expect(scan(feeds.with, clean)).toMatchObject({ code: 0, uncovered: [], verdicts: [] });
    expect(scan(feeds.without, clean)).toMatchObject({ code: 4, verdicts: [] });
  });

  it('with one repository missing there is no roster, and a finding', () => {
    const part = temporaryFolder();
    cpSync(without, part, { recursive: true });
    writeRepositories(part, { [first!]: shipped.map((each) => `${each}.${tag}.x86_64`) });
    const feed = build(vendor, part);
    expect(uncovered(scan(feed, sbom))['bash']).toContain('unknown to');
    const manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as {
      sources: { findings: { reason: string; count: number }[] }[];
    };
    expect(manifest.sources[0]!.findings).toContainEqual(
      expect.objectContaining({ reason: 'roster_incomplete', count: 1 }),
    );
  });
});
