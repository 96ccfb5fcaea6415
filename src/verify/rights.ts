import { isKnownCapability, isKnownMode } from '../distros/shared/deb-rights.ts';
import type { FileStat, PrivilegedFile, RightsOrigin } from '../model/index.ts';
import { capabilityText, normalCapabilities } from './capabilities.ts';
import type { PackagedFile } from './packaged-file.ts';
import { octal } from './rpm-files.ts';

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
