/** A fix, and the channel of updates that it is of; undefined: the main one. */
export interface ChannelFix {
  fixed?: string | undefined;
  channel?: string | undefined;
}

/** Versions of a package name that one or several channels have, and no other. */
export interface VersionLine {
  /** `5.10`: of it are the version 5.10 and those that begin with `5.10.`; sorted. */
  versions: readonly string[];
  channels: ReadonlySet<string | undefined>;
}

/** Parts of a version that may distinguish lines: php 8.0 and 8.1, but no two builds of one of them. */
const depths = [1, 2] as const;

/**
 * The lines of a package name whose channels have versions of their own (Amazon Linux 2: kernel 4.14 of core, 5.4, 5.10 and 5.15 of
 * extras), by all fixes of that name. Channels that share versions are of one line; empty if all are: every fix is of every build.
 */
export function linesOf(fixes: Iterable<ChannelFix>): readonly VersionLine[] {
  const versionsOf = new Map<string | undefined, Set<string>>();
  for (const { fixed, channel } of fixes) {
    if (fixed === undefined) continue;
    const known = versionsOf.get(channel);
    if (known) known.add(versionOf(fixed));
    else versionsOf.set(channel, new Set([versionOf(fixed)]));
  }
  if (versionsOf.size < 2) return [];
  const [shallow = [], deep = []] = depths.map((depth) => linesAt(depth, versionsOf));
  const lines = deep.length > shallow.length ? deep : shallow;
  return lines.length < 2 ? [] : lines;
}

/** The line of a build; undefined: no fix is of versions like its own. */
export function lineOf(evr: string, lines: readonly VersionLine[]): VersionLine | undefined {
  const version = versionOf(evr);
  return lines.find(({ versions }) => versions.some((start) => isOf(version, start)));
}

/** Pattern of a line's versions, as a whole version. */
export function linePattern({ versions }: VersionLine): string {
  return `(?:${versions.map((each) => each.replaceAll(/[.+^$()[\]{}|*?\\]/g, String.raw`\$&`)).join('|')})`;
}

function linesAt(
  depth: number,
  versionsOf: ReadonlyMap<string | undefined, ReadonlySet<string>>,
): VersionLine[] {
  let lines: { versions: Set<string>; channels: Set<string | undefined> }[] = [];
  for (const [channel, all] of versionsOf) {
    const versions = new Set([...all].map((version) => version.split('.').slice(0, depth).join('.')));
    const shared = lines.filter((line) => overlap(line.versions, versions));
    for (const line of shared) for (const version of line.versions) versions.add(version);
    const channels = new Set([channel, ...shared.flatMap((line) => [...line.channels])]);
    lines = [...lines.filter((line) => !shared.includes(line)), { versions, channels }];
  }
  return lines
    .map(({ versions, channels }) => ({ versions: [...versions].sort(), channels }))
    .sort((a, b) => (a.versions[0]! < b.versions[0]! ? -1 : 1));
}

function overlap(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...some].some((one) => [...others].some((other) => isOf(one, other) || isOf(other, one)));
}

function isOf(version: string, start: string): boolean {
  return version === start || version.startsWith(`${start}.`);
}

function versionOf(evr: string): string {
  return evr.slice(evr.indexOf(':') + 1, evr.lastIndexOf('-'));
}
