import type {
  ClairNames,
  ClairPlace,
  DistroExport,
  GrypeSystem,
} from '../../../export/rows/distro-export.ts';
import type { ExportLine } from '../../../export/rows/rows.ts';
import type { Feed } from '../../../feed/read/feed.ts';
import type { FeedPlatform } from '../../../model/index.ts';
import { rebuilds } from '../../rebuilds.ts';
import { binaryRows, mainChannel } from '../../shared/export/rpm-rows.ts';
import { isLayered } from '../rule/layers.ts';
import { redHatCsaf } from './csaf.ts';
import { mainStreamOf, rowStream, type Stream } from './streams.ts';
import { redHatTrivy } from './trivy.ts';

export const redHatExport: DistroExport = {
  ids: ['rhel', 'redhat-layered'],
  grypeAliases: ['centos', ...rebuilds.flatMap(({ id, names }) => [id, ...names].sort()), 'scientific', 'sl'],
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
