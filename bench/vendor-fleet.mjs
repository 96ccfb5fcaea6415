// A fleet by the feeds of three vendors at the size that their data have: the feed, and inventories of their releases.
import { join } from 'node:path';
import { shardLines } from '../src/feed/read/whole-file.ts';
import { openFeed } from '../src/runtime/node.ts';
import { buildFeed } from './build-and-scan.mjs';
import { generateDebian } from './generate-debian.mjs';
import { generateRedHat } from './generate-redhat.mjs';
import { generateUbuntu } from './generate-ubuntu.mjs';

/** Releases of the inventories, in turn. */
const systems = [
  { platform: 'debian-12', os: { id: 'debian', versionId: '12' } },
  { platform: 'ubuntu-22.04', os: { id: 'ubuntu', versionId: '22.04' } },
  { platform: 'rhel-9', os: { id: 'rhel', versionId: '9.6', pointRelease: '9.6' } },
  { platform: 'debian-13', os: { id: 'debian', versionId: '13' } },
  { platform: 'ubuntu-24.04', os: { id: 'ubuntu', versionId: '24.04' } },
  { platform: 'rhel-8', os: { id: 'rhel', versionId: '8.10', pointRelease: '8.10' } },
];

/** Builds the feed of Debian, Red Hat and Ubuntu from generated documents. */
export async function buildVendorFeed(folder, quick) {
  const [mirror, feed] = [join(folder, 'mirror'), join(folder, 'feed')];
  generateDebian(mirror, quick ? { sources: 400, cves: 4000, roster: 3000 } : {});
  await generateUbuntu(mirror, quick ? 2000 : 55_000);
  await generateRedHat(mirror, quick ? { documents: 300, bytes: 2e7 } : {});
  const from = [
    '--source',
    'debian,redhat,ubuntu',
    '--no-ratings',
    '--mirror',
    mirror,
    '--unsigned-mirror',
    '--no-oval',
  ];
  await buildFeed([...from, '--snapshots', join(folder, 'snapshots'), '--out', feed]);
  return feed;
}

/** How an inventory is made by its number: of 300 packages of its release, most of which all images have, in five builds each. */
export function vendorInventories(folder, packagesPerImage) {
  const feed = openFeed(folder);
  const releases = systems.map((system) => ({ ...system, packages: installable(feed, system.platform) }));
  feed.close();
  return (number, random) => {
    const { os, platform, packages } = releases[number % releases.length];
    const isRpm = os.id === 'rhel';
    const chosen = new Set(packages.slice(0, Math.floor(packagesPerImage * 0.73)));
    while (chosen.size < Math.min(packagesPerImage, packages.length))
      chosen.add(packages[Math.floor(packages.length * random() ** 3)]);
    return {
      image: { reference: `image${number}`, digest: `sha256:${number}`, layers: [] },
      os: { ...os, found: '/etc/os-release' },
      databases: [
        { kind: isRpm ? 'rpm-sqlite' : 'dpkg', path: `/var/lib/${platform}`, packages: chosen.size },
      ],
      packages: [...chosen].map(({ name, versions }, at) => {
        const version = versions[Math.floor(((at + number) % 5) * 0.2 * versions.length)];
        const common = { name, version, source: { name, version }, database: `/var/lib/${platform}` };
        return isRpm
          ? { ...common, type: 'rpm', arch: 'x86_64', vendor: 'Red Hat, Inc.', keyId: '199e2f91fd431d51' }
          : { ...common, type: 'deb', arch: 'amd64' };
      }),
      notes: [],
    };
  };
}

/** Most sources with flaws of a release, with versions that were fixed ones at a time. */
function installable(feed, platform) {
  const found = [];
  for (const { package: name, claims } of shardLines(feed, platform)) {
    const flaws = claims.reduce((sum, { ids }) => sum + ids.length, 0);
    // Kernels and browsers are in no image of a server.
    if (flaws > 400 || claims.some(({ module }) => module !== undefined)) continue;
    const fixed = claims.flatMap((claim) => (claim.fixed ? claim.fixed.replace(/^0:/, '') : []));
    const versions = [...new Set(fixed.length > 0 ? fixed : ['1.0-1'])];
    found.push({ name, versions, flaws });
  }
  return found.sort((a, b) => b.flaws - a.flaws || (a.name < b.name ? -1 : 1));
}
