import {
  clairDistribution,
  type DistroExport,
  type GrypeSystem,
  type ReleaseExport,
} from '../../export/rows/distro-export.ts';
import type { ExportLine, ExportRow } from '../../export/rows/rows.ts';
import type { TrivyBucket, TrivyContext } from '../../export/rows/trivy-layout.ts';
import type { Feed } from '../../feed/read/feed.ts';
import type { FeedPlatform, ShardClaim } from '../../model/feed/index.ts';
import { pushTo } from '../../model/order.ts';
import { compareDpkg } from '../../packaging/index.ts';
import { csafRelease } from '../shared/export/csaf-release.ts';
import { linesOf, rowOf } from '../shared/export/deb-lines.ts';
import { debBucket } from '../shared/export/trivy-deb.ts';
import type { ClaimRow } from '../shared/threshold.ts';
import { ubuntuPages } from './rule.ts';
import { isOrdinary, type ProServices, ubuntuThreshold } from './rule-threshold.ts';

const source = {
  ID: 'ubuntu',
  Name: 'Ubuntu security data, compiled by scapfeed',
  URL: 'https://ubuntu.com/security',
};

/** Releases for which Trivy asks for an ESM bucket when the image's Pro status says that ESM is enabled. */
const withEsmBucket: ReadonlySet<string> = new Set(['14.04', '16.04', '18.04', '20.04']);

export const ubuntuExport: DistroExport = {
  ids: ['ubuntu'],
  trivy: { buckets: (platforms, context) => platforms.flatMap((platform) => bucketsOf(platform, context)) },
  csaf: {
    name: 'ubuntu',
    vendor: 'Canonical',
    namespace: 'ubuntu',
    pages: ubuntuPages,
    system: (platform, claim) => csafRelease(platform, claim, ['canonical', 'ubuntu_linux']),
  },
  releases: ({ id, os: { version, codename } }, feed) => {
    if (version === undefined) return [];
    const lts = isLts(version) ? ':LTS' : '';
    const hasEsm = feed.shard(id)!.tables.kinds.some(({ channel }) => channel?.startsWith('esm-'));
    const base: ReleaseExport = {
      subject: 'source',
      lines: () => ubuntuLines(feed, id, 'base'),
      osv: { ecosystem: `Ubuntu:${version}${lts}`, prefix: 'UBUNTU-' },
      grype: [grypeSystem(version, codename)],
      ...clairOf(version, codename),
      notus: `Ubuntu ${version}${lts === '' ? '' : ' LTS'}`,
    };
    const esm: ReleaseExport = {
      subject: 'source',
      lines: () => ubuntuLines(feed, id, 'esm'),
      osv: { ecosystem: `Ubuntu:Pro:${version}${lts}`, prefix: 'UBUNTU-' },
      grype: [{ ...grypeSystem(version, codename), channel: 'esm' }],
    };
    return hasEsm ? [base, esm] : [base];
  },
};

function grypeSystem(version: string, codename: string | undefined): GrypeSystem {
  const [major = version, minor] = version.split('.');
  return {
    name: 'ubuntu',
    releaseId: 'ubuntu',
    major,
    ...(minor === undefined ? {} : { minor }),
    ...(codename === undefined ? {} : { codename }),
  };
}

function clairOf(version: string, codename: string | undefined): Pick<ReleaseExport, 'clair'> {
  if (codename === undefined) return {};
  const title = `${version} (${codename.charAt(0).toUpperCase()}${codename.slice(1)})`;
  const place = clairDistribution('ubuntu', 'Ubuntu', [version, codename, title]);
  return { clair: { updater: `ubuntu/updater/${codename}`, places: [place] } };
}

/** Every second year's April. */
function isLts(version: string): boolean {
  const [year, month] = version.split('.');
  return month === '04' && Number(year) % 2 === 0;
}

function bucketsOf({ id, os: { version } }: FeedPlatform, context: TrivyContext): TrivyBucket[] {
  if (version === undefined) return [];
  const { feed, inexact } = context;
  const base = debBucket(
    { name: `ubuntu ${version}`, platform: id, source, lines: () => ubuntuLines(feed, id, 'base') },
    context,
  );
  inexact.general(id, 'build_of_another_channel', otherBuild);
  if (!withEsmBucket.has(version)) {
    inexact.general(id, 'esm_not_read', esmNotRead);
    return [base];
  }
  const esm = debBucket(
    { name: `ubuntu ${version}-ESM`, platform: id, source, lines: () => ubuntuLines(feed, id, 'esm') },
    context,
  );
  return [base, esm];
}

const otherBuild =
  'Trivy judges a build of ESM or FIPS by the rows of the archive; scapfeed by those of its own channel.';
const esmNotRead =
  'Trivy asks for no ESM rows of this release: systems with ESM are judged as those without.';

/** The systems of a release: those of the archive alone, and those with ESM. */
type UbuntuView = 'base' | 'esm';

const esmServices: ProServices = new Set(['esm-infra', 'esm-apps']);

/** The packages of a release as they are judged on systems of one view, by builds without a mark of another channel. */
function ubuntuLines(feed: Feed, platform: string, view: UbuntuView): Generator<ExportLine> {
  return linesOf(feed, platform, (claims) => decided(claims, view));
}

interface Row extends ClaimRow {
  kind: ShardClaim;
  claim: ShardClaim;
}

function decided(claims: readonly ShardClaim[], view: UbuntuView): ExportRow[] {
  // Kernels for FIPS or realtime have rows of these channels only; all of their builds are judged by them.
  const special = !claims.some(({ channel }) => isOrdinary(channel));
  const rows = claims.map((claim): Row => ({ kind: claim, claim }));
  if (!special && view === 'base') {
    const base = rows.filter(({ claim }) => claim.channel === undefined);
    return base.flatMap((row) => threshold([row], row.claim.ids, 'base', new Set()));
  }
  const services = view === 'esm' ? esmServices : new Set<string>();
  return byRows(rows).flatMap(({ of, ids }) => threshold(of, ids, special ? 'special' : 'esm', services));
}

function threshold(
  rows: readonly Row[],
  ids: readonly string[],
  build: 'base' | 'esm' | 'special',
  services: ProServices,
): ExportRow[] {
  const found = ubuntuThreshold(rows, build, services);
  if (!found) return [];
  const { below, fixes } = found;
  const versions = [...new Set(fixes.flatMap(({ fixed }) => fixed ?? []))];
  const lowest = versions.reduce<string | undefined>(
    (least, version) => (least !== undefined && compareDpkg(least, version) !== 1 ? least : version),
    undefined,
  );
  const term = { ...below, ...(lowest === undefined ? {} : { fixed: lowest }) };
  const row = rowOf(below.row.claim, term, [...ids]);
  return [versions.length > 1 ? { ...row, severalFixes: true } : row];
}

/** Vulnerabilities that the same rows name. */
function byRows(rows: readonly Row[]): { of: Row[]; ids: string[] }[] {
  const byId = new Map<string, number[]>();
  for (const [at, { claim }] of rows.entries()) {
    for (const id of claim.ids) pushTo(byId, id, at);
  }
  const groups = new Map<string, { of: Row[]; ids: string[] }>();
  for (const [id, places] of byId) {
    const key = places.join();
    const group = groups.get(key) ?? { of: places.map((at) => rows[at]!), ids: [] };
    groups.set(key, group);
    group.ids.push(id);
  }
  return [...groups.values()];
}
