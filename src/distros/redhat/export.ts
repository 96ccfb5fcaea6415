import type { CsafLayout, CsafSystem } from '../../export/rows/csaf-layout.ts';
import type { ClairNames, ClairPlace, DistroExport, GrypeSystem } from '../../export/rows/distro-export.ts';
import type { ExportLine } from '../../export/rows/rows.ts';
import type { Feed } from '../../feed/read/feed.ts';
import type { FeedPlatform, ShardClaim } from '../../model/feed/index.ts';
import { rebuilds } from '../rebuilds.ts';
import { binaryRows, mainChannel } from '../shared/export/rpm-rows.ts';
import { parseCpe } from '../shared/rule/cpe.ts';
import { extended, mainCpe, mainStreamOf, rowStream, type Stream } from './export-streams.ts';
import { redHatTrivy } from './export-trivy.ts';
import { redHatPages } from './rule.ts';
import { channelOf, hardenedProduct, hardenedVersion, isLayered } from './rule-streams.ts';

/** Systems and words as Red Hat's own documents have them, so that what reads those reads ours. */
const redHatCsaf: CsafLayout = {
  name: 'redhat',
  vendor: 'Red Hat',
  namespace: 'redhat',
  registry: 'registry.redhat.io',
  pages: redHatPages,
  system,
  severityWords: { critical: 'Critical', high: 'Important', medium: 'Moderate', low: 'Low' },
};

/** The minor of a stream is in the CPE of extended channels, and in the product id of the main one. */
function system(
  platform: FeedPlatform,
  { channel, minor }: Pick<ShardClaim, 'channel' | 'minor'>,
): CsafSystem {
  const { id, name, os } = platform;
  if (isLayered(id)) return layeredSystem(platform, channel);
  const release = minor === undefined ? id : `${id}.${minor}`;
  if (channel === undefined)
    return {
      id: release,
      name: minor === undefined ? name : `${name} (${os.version}.${minor})`,
      cpe: mainCpe(platform),
      distro: `${os.id}-${os.version}`,
    };
  return {
    id: `${release}-${channel}`,
    name: `${name}, ${channel}${minor === undefined ? '' : ` ${os.version}.${minor}`}`,
    cpe: extended(platform, channel, minor).cpe,
  };
}

/** A repository with RHEL's CPE and another product's content has no CPE that would not read as RHEL. */
function layeredSystem({ id, name }: FeedPlatform, channel: string | undefined): CsafSystem {
  const cpe = channel === undefined ? undefined : parseCpe(channel);
  const own = cpe !== undefined && channelOf(cpe) === undefined;
  return {
    id: `${id} ${channel ?? ''}`.trim(),
    name,
    ...(own && channel !== undefined ? { cpe: channel } : {}),
  };
}

export const redHatExport: DistroExport = {
  ids: ['rhel', 'redhat-layered'],
  grypeAliases: [
    'centos',
    ...rebuilds.flatMap(({ os, names, scanners }) => (scanners.grypeApart ? [] : [os, ...names].sort())),
    'scientific',
    'sl',
  ],
  trivy: redHatTrivy,
  csaf: redHatCsaf,
  releases: (platform, feed) => {
    if (isLayered(platform.id)) return [];
    return [
      {
        subject: 'binary',
        lines: () => mainLines(feed, platform),
        osv: { ecosystem: `Red Hat:enterprise_linux:${platform.os.version}` },
        clair: clairOf(platform.os.version!),
      },
      {
        subject: 'binary',
        lines: () => systemLines(feed, platform, systemsOf(platform, feed)),
        grype: systemsOf(platform, feed).map(({ system }) => system),
      },
    ];
  },
};

/** The binaries of a release as they are judged on its main channel. */
function* mainLines(feed: Feed, platform: FeedPlatform): Generator<ExportLine> {
  const streams = [{ at: 0, stream: mainChannel }];
  for (const { name, rows } of binaryRows(feed, platform.id, streams)) {
    if (rows.length > 0) yield { package: name, rows };
  }
}

interface System {
  system: GrypeSystem;
  stream: Stream;
}

/** Grype asks for the minor first, then for the major alone, and does not join rows: each minor has all of its own. */
function systemsOf(platform: FeedPlatform, feed: Feed): System[] {
  const major = platform.os.version!;
  const kinds = feed.shard(platform.id)!.tables.kinds;
  const main = mainStreamOf(platform);
  const named = (channel: string | undefined) =>
    kinds.flatMap((kind) => (kind.channel === channel && kind.minor !== undefined ? kind.minor : []));
  const last = Math.max(-1, ...named(undefined), ...named('eus'));
  const base = { name: 'redhat', releaseId: 'rhel', major };
  const minors = Array.from({ length: last + 1 }, (_, minor) => minor);
  return [
    { system: base, stream: main },
    ...minors.map((minor) => ({
      system: { ...base, minor: String(minor) },
      stream: { ...main, systemMinor: minor },
    })),
    ...[...new Set(named('eus'))]
      .sort((a, b) => a - b)
      .map((minor) => ({
        system: { ...base, minor: String(minor), channel: 'eus' },
        stream: { ...main, channel: 'eus', minor },
      })),
  ];
}

function* systemLines(feed: Feed, platform: FeedPlatform, systems: readonly System[]): Generator<ExportLine> {
  const streams = systems.map(({ stream }, at) => ({ at, stream: rowStream(stream) }));
  for (const { name, rows } of binaryRows(feed, platform.id, streams)) {
    if (rows.length > 0) yield { package: name, rows: rows.map((row) => ({ ...row, systems: row.streams })) };
  }
}

/** Clair finds RHEL's rows by the CPEs of repositories: BaseOS has part `o`, AppStream `a`. */
function clairOf(major: string): ClairNames {
  const places = ['o', 'a'].map((part): ClairPlace => {
    const cpe = `cpe:/${part}:redhat:enterprise_linux:${major}`;
    return { repository: { id: '', name: cpe, key: 'rhel-cpe-repository', uri: '', cpe } };
  });
  return { updater: `rhel-vex/${major}`, places };
}

/** Names under which other scanners look up hardened images are not known to be stable: there is CSAF alone. */
export const hardenedExport: DistroExport = {
  ids: [hardenedProduct],
  trivy: {
    buckets: (platforms, { inexact }) => {
      for (const { id } of platforms) inexact.without(id, `Trivy does not know ${hardenedProduct}`);
      return [];
    },
  },
  csaf: {
    ...redHatCsaf,
    name: hardenedProduct,
    // A package URL names the day of a snapshot: packages are found by the system alone.
    system: ({ id, name }) => ({ id, name, cpe: `cpe:/a:redhat:${hardenedProduct}:${hardenedVersion}` }),
  },
  releases: () => [],
};
