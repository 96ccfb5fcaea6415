import { isKnownCapability, isKnownMode } from '../distros/shared/deb-rights.ts';
import { textLines } from '../files/text.ts';
import type { FileStat, FileView } from '../model/inventory/index.ts';
import type { PrivilegedFile, RightsOrigin } from '../model/verdict/index.ts';
import { capabilityText, normalCapabilities } from './capabilities.ts';
import { maxTableBytes } from './limits.ts';
import type { PackagedFile } from './owners.ts';
import { octal } from './rpm-files.ts';

export const diversionsPath = '/var/lib/dpkg/diversions';
export const statOverridePath = '/var/lib/dpkg/statoverride';

/** Returns where a package's file is: another package or the administrator may have diverted it (dpkg-divert(1)). */
type Diversions = (path: string, packageName: string) => string;

/** Three lines per diversion: from, to, and the package that made it, whose own file keeps its name; `:` is none. */
export function readDiversions(files: FileView): Diversions {
  const content = files.read(diversionsPath, maxTableBytes);
  const lines = content ? [...textLines(content)] : [];
  const diversions = new Map<string, { to: string; by: string }>();
  for (let at = 0; at + 2 < lines.length; at += 3) {
    diversions.set(lines[at]!, { to: lines[at + 1]!, by: lines[at + 2]! });
  }
  return (path, packageName) => {
    const diversion = diversions.get(path);
    return diversion && diversion.by !== packageName ? diversion.to : path;
  };
}

/** Modes that the administrator has set with dpkg-statoverride(1), by path: `root shadow 2755 /usr/bin/x`. */
export function readStatOverrides(files: FileView): ReadonlyMap<string, number> {
  const content = files.read(statOverridePath, maxTableBytes);
  const modes = new Map<string, number>();
  for (const line of content ? textLines(content) : []) {
    const match = /^\S+ \S+ ([0-7]{3,4}) (\/.*)$/.exec(line);
    if (match) modes.set(match[2]!, Number.parseInt(match[1]!, 8));
  }
  return modes;
}

const setuidOrSetgid = 0o6000;
const sticky = 0o1000;
const othersWrite = 0o002;

export interface RightsContext {
  owners: readonly PackagedFile[];
  /** Modes that the administrator has set, by path. */
  overrides: ReadonlyMap<string, number>;
}

/** Returns setuid, setgid, capabilities and world-writable bits of an entry, each with what allows it. */
export function rightsOf(path: string, stat: FileStat, context: RightsContext): PrivilegedFile[] {
  const packages = [...new Set(context.owners.map((owner) => owner.package))];
  const common = { path, packages, mode: octal(stat.mode) };
  const found: PrivilegedFile[] = [];
  if (stat.type === 'file' && (stat.mode & setuidOrSetgid) !== 0) {
    found.push({ kind: 'setuid', ...common, origin: modeOrigin(path, stat, setuidOrSetgid, context) });
  }
  if (stat.type === 'file' && stat.capability) {
    const capabilities = capabilityText(stat.capability);
    const origin = capabilityOrigin(path, capabilities, context);
    found.push({ kind: 'capability', ...common, capabilities, origin });
  }
  if (isWorldWritable(stat)) {
    found.push({ kind: 'world-writable', ...common, origin: modeOrigin(path, stat, othersWrite, context) });
  }
  return found;
}

/** A directory with the sticky bit does not count: users can remove only their own files. Links have no permissions. */
function isWorldWritable({ type, mode }: FileStat): boolean {
  if ((mode & othersWrite) === 0) return false;
  return type === 'file' || (type === 'directory' && (mode & sticky) === 0);
}

/** Allowed if a package or the administrator has all of the bits that are set. */
function modeOrigin(
  path: string,
  { mode }: FileStat,
  bits: number,
  { owners, overrides }: RightsContext,
): RightsOrigin {
  const override = overrides.get(path) ?? overrides.get(owners[0]?.path ?? path);
  if (override !== undefined) return (mode & bits & ~override) === 0 ? 'override' : 'not_as_packaged';
  if (owners.length === 0) return 'unowned';
  const recorded = owners.flatMap((owner) => owner.mode ?? []);
  if (recorded.length > 0) {
    return recorded.some((packaged) => (mode & bits & ~packaged) === 0) ? 'as_packaged' : 'not_as_packaged';
  }
  const isKnown = bits === setuidOrSetgid && owners.some((owner) => isKnownMode(owner.package, path, mode));
  return isKnown ? 'known' : 'not_recorded';
}

function capabilityOrigin(path: string, capabilities: string, { owners }: RightsContext): RightsOrigin {
  if (owners.length === 0) return 'unowned';
  const recorded = owners.flatMap((owner) => owner.capabilities ?? []);
  if (recorded.length > 0) {
    return recorded.some((packaged) => normalCapabilities(packaged) === capabilities)
      ? 'as_packaged'
      : 'not_as_packaged';
  }
  return owners.some((owner) => isKnownCapability(owner.package, path, capabilities))
    ? 'known'
    : 'not_recorded';
}

const accountedFor: ReadonlySet<RightsOrigin> = new Set(['as_packaged', 'known', 'override']);

export function isAccountedFor({ origin }: PrivilegedFile): boolean {
  return accountedFor.has(origin);
}
