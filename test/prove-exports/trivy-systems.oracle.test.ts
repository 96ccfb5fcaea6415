import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFeed } from '../../src/runtime/node.ts';
import { openSbom, type ReadSbom } from '../../src/sbom/index.ts';
import type { LooseStatement } from '../prove/trial.ts';
import { rootWith, scapfeed } from '../support/cli.ts';
import { dataPath, hasData, unpackData } from '../support/data.ts';
import { hasOracle, npmCommand } from '../support/oracles.ts';
import { type SmallPlatform, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { allTrials, share } from '../support/trials.ts';
import { exportAll, proveInventory } from './prove-trial.ts';
import { comparable, loadTrivy, trivyFindingsIn, trivyJudge } from './trivy.ts';

type Inventory = ReadSbom['inventory'];
type InstalledPackage = Inventory['packages'][number];

/** A system that somebody ran. */
interface System {
  /** `ol-8`, by which a share has some of each. */
  platform: string;
  inventory: Inventory;
  /** What scapfeed opens. */
  reference: string;
  /** Trivy's own document, which it reads as it is. */
  sbom?: string;
}

/** Vendors of rpm packages whose data is fixes of binary packages. */
const errata = ['amzn', 'fedora', 'ol', 'photon', 'rocky'];

/** Builds of others, Photon's packages of another source, and SUSE's flaws without a fix. */
const causes = ['foreign_vendor', 'other_origin', 'other_source', 'without_fix'];

/** Trivy's documents of rpm packages lack the epochs. */
const readsItsOwn = ({ packages }: Inventory) => packages.every(({ type }) => type !== 'rpm');

const canRun =
  npmCommand('trivy') !== undefined &&
  hasOracle('zstd', 'xz') &&
  hasData('real') &&
  hasData('vendors2/inventory');

describe.skipIf(!canRun)('real Trivy with our export finds what scan finds', () => {
  const work = temporaryFolder();

  it('on the packages of real images, with rows at the boundaries of each', async () => {
    const all = (await realSystems(work)).sort((a, b) => (a.platform < b.platform ? -1 : 1));
    expect(all).toHaveLength(196);
    const systems = share(all, 24);
    const feed = openFeed(writeSmallFeed(platformsOf(systems)));
    const exported = join(work, 'exports');
    const listed = await exportAll(feed, 'trivy', exported);
    loadTrivy(exported, work);
    const unknown = new Set(listed.flatMap(({ platform, without }) => (without ? [platform] : [])));

    for (const [
      at,
      { platform, inventory, reference, sbom = join(work, `${at}.cdx.json`) },
    ] of systems.entries()) {
      scapfeed(['inventory', reference, '-o', `cyclonedx=${join(work, `${at}.cdx.json`)}`]);
      const theirs = trivyFindingsIn(['sbom', sbom], work).map(comparable);
      if (unknown.has(platform)) {
        expect([platform, ...theirs]).toEqual([platform]);
        continue;
      }
      const root = reference.replace(/^(?:dir|sbom):/, '');
      const own = listed.filter((each) => each.platform === platform);
      const found = proveInventory(
        feed,
        { inventory, platform, root },
        { judge: trivyJudge, listed: own, theirs },
      );
      expect([reference, ...found.unexplained.slice(0, 5)]).toEqual([reference]);
      expect([reference, ...[...found.explained.keys()].filter((cause) => !causes.includes(cause))]).toEqual([
        reference,
      ]);
      expect(found.equal).toBeGreaterThan(found.compared / 3);
    }
    feed.close();
    if (allTrials) expect([...unknown]).toEqual(['fedora-31', 'fedora-35', 'fedora-36']);
  }, 900_000);
});

async function realSystems(folder: string): Promise<System[]> {
  const [sboms, more, lists] = ['sboms', 'more', 'lists'].map((name) => join(folder, name));
  unpackData('real/sboms.tar.zst', sboms!);
  unpackData('real/package-lists.tar.zst', lists!);
  unpackData('vendors2/inventory/sboms-amazon-photon-oracle-fedora-centos.tar.xz', more!);
  const files = [
    ...filesIn(join(sboms!, 'sboms')),
    ...filesIn(join(more!, 'in-the-lab/spdx-popular-containers/data')),
  ].map((file) => `sbom:${file}`);
  const roots = filesIn(join(lists!, 'package-lists')).flatMap((file) => {
    if (file.endsWith('.txtar')) return [];
    return file.endsWith('.json') ? `sbom:${file}` : `dir:${file}`;
  });
  const systems: System[] = [];
  for (const reference of [...files, ...roots, ...goldenLists(folder), wolfiRoot()]) {
    const path = reference.slice(reference.indexOf(':') + 1);
    const read = join(folder, 'read.json');
    if (reference.startsWith('dir:')) scapfeed(['inventory', reference, '-o', `json=${read}`]);
    const { inventory } = await openSbom(reference.startsWith('dir:') ? read : path);
    const own = /trivy/.test(path) && readsItsOwn(inventory);
    systems.push({ platform: platformOf(inventory), inventory, reference, ...(own && { sbom: path }) });
  }
  return systems;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder).map((name) => join(folder, name));
}

/** Lists of images as Trivy's own tests have them. */
function goldenLists(folder: string): string[] {
  const place = dataPath(
    'vendors2/inventory/aquasecurity+trivy/pkg/fanal/test/integration/testdata/goldens/packages',
  );
  return [
    ['amazon-2', 'amzn', '2', 'amazon'],
    ['centos-6', 'centos', '6', 'centos'],
    ['fedora-35', 'fedora', '35', 'fedora'],
    ['oraclelinux-8-slim', 'ol', '8.4', 'oracle'],
    ['photon-30', 'photon', '3.0', 'photon'],
  ].map(([list, id, version, namespace]) => {
    const packages = JSON.parse(readFileSync(join(place, `${list}.json.golden`), 'utf8')) as GoldenPackage[];
    const components = packages.map(({ Name, Version, Release, Epoch, Arch, SrcName = Name, ...source }) => {
      const { SrcVersion = Version, SrcRelease = Release } = source;
      const upstream = `${SrcName}-${SrcVersion}-${SrcRelease}.src.rpm`;
      const qualifiers = `arch=${Arch}${Epoch ? `&epoch=${Epoch}` : ''}&upstream=${encodeURIComponent(upstream)}`;
      const purl = `pkg:rpm/${namespace}/${encodeURIComponent(Name)}@${encodeURIComponent(`${Version}-${Release}`)}?${qualifiers}`;
      return { type: 'library', 'bom-ref': purl, name: Name, version: `${Version}-${Release}`, purl };
    });
    const system = { type: 'operating-system', name: id, version };
    const path = join(folder, `${list}.cdx.json`);
    const head = { bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 };
    writeFileSync(path, JSON.stringify({ ...head, components: [system, ...components] }));
    return `sbom:${path}`;
  });
}

interface GoldenPackage {
  Name: string;
  Version: string;
  Release: string;
  Epoch?: number;
  Arch: string;
  SrcName?: string;
  SrcVersion?: string;
  SrcRelease?: string;
}

/** A database of apko's own tests. */
function wolfiRoot(): string {
  const place = 'vendors2/inventory/chainguard-dev+apko/pkg/apk/apk/testdata/installed/wolfi-base';
  const installed = readFileSync(dataPath(place), 'utf8');
  return `dir:${rootWith({ 'etc/os-release': 'ID=wolfi\nVERSION_ID="20230201"\n', 'lib/apk/db/installed': installed })}`;
}

/** The system's release as its vendor counts them; CentOS is judged by RHEL's. */
function platformOf({ os }: Inventory): string {
  const { id, versionId = '' } = os!;
  const [major, minor] = versionId.split('.');
  if (id === 'wolfi') return id;
  if (id === 'centos') return `rhel-${major}`;
  const two = ['alpine', 'photon', 'sles', 'ubuntu'].includes(id);
  return two ? `${id}-${major}.${minor}` : `${id}-${major}`;
}

type Rows = SmallPlatform & { statements: LooseStatement[] };

/** All systems of a release are judged by the rows of each: those of one are above and below the builds of another. */
function platformsOf(systems: readonly System[]): SmallPlatform[] {
  const platforms = new Map<string, Rows>();
  for (const [at, { platform: id, inventory }] of systems.entries()) {
    const [os = '', version] = id.split('-');
    const { type } = inventory.packages[0]!;
    const known: Rows = platforms.get(id) ?? {
      platform: {
        id,
        name: id,
        aliases: [],
        os: { id: os, ...(version && { version }) },
        packaging: type as Rows['platform']['packaging'],
        life: [],
      },
      data: {
        ...(errata.includes(os) && { severalErrata: true }),
        ...(os === 'rhel' && { binaries: new Map() }),
      },
      statements: [],
    };
    platforms.set(id, known);
    const subjects = inventory.packages.map((pkg) => (type === 'rpm' ? pkg : pkg.source));
    const versions = new Map(subjects.map(({ name, version: own }) => [name, own]));
    for (const [name, own] of versions) known.statements.push(...around(os, type, at, name, own));
  }
  return [...platforms.values()];
}

/** Rows at, above and below a build, in another epoch if the vendor states them, and without a fix if the vendor has such rows. */
function around(
  os: string,
  type: InstalledPackage['type'],
  system: number,
  name: string,
  version: string,
): LooseStatement[] {
  const bare = version.replace(/^\d+:/, '');
  const otherEpoch = version === bare ? `9:${bare}` : `0:${bare}`;
  const fixed = {
    apk: [version, version.replace(/-r(\d+)$/, (_, build: string) => `-r${Number(build) + 1}`), '0-r0'],
    deb: [version, `${version}+x1`, `${version}~`, otherEpoch],
    rpm:
      os === 'sles' ? [bare, `${bare}.1`, `${bare}~`] : [version, `${version}.1`, `${version}~`, otherEpoch],
  }[type as 'apk' | 'deb' | 'rpm'];
  const subject = type === 'rpm' ? ({ subject: 'binary' } as const) : {};
  const flaw = (at: number) => ({
    vulnerability: `CVE-2026-${10_000 + system * 10 + at}`,
    package: name,
    ...subject,
  });
  const unfixed: LooseStatement = { ...flaw(9), status: 'affected', fixState: 'none_yet' };
  return [
    ...fixed.map((build, at): LooseStatement => ({ ...flaw(at), status: 'fixed', fixed: build })),
    ...(errata.includes(os) || type === 'apk' ? [] : [unfixed]),
  ];
}
