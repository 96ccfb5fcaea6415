import type { PackageRecord } from '../../../model/feed/index.ts';
import type { InstalledPackage } from '../../../model/inventory/index.ts';
import { isModuleBuild, moduleBuild } from './build-tags.ts';

/** True if a build belongs to a module: by its label, otherwise by its release (`1.module+el8.9.0+21392+a91c8c4f`). */
export function isModular({ module, version }: InstalledPackage): boolean {
  return module !== undefined || isModuleBuild(version);
}

/**
 * Modules (`name:stream`) that a modular build may belong to, among those in rows: by MODULARITYLABEL; for the first builds
 * of RHEL 8, which lack it, by the number of the module build, if a fix of the same build names its module; then by the
 * modules that dnf has enabled. Undefined: there are rows with modules, and the module of this build is unknown.
 */
export function modulesOf(
  pkg: InstalledPackage,
  records: readonly (PackageRecord | undefined)[],
  { enabledModules }: { enabledModules: readonly string[] },
): readonly string[] | undefined {
  if (pkg.module !== undefined) return [pkg.module];
  if (!isModular(pkg)) return [];
  const named = new Set<string>();
  const ofBuild = new Set<string>();
  const build = moduleBuild(pkg.version);
  for (const record of records) {
    for (const { module, fixed } of record?.claims ?? []) {
      if (module === undefined) continue;
      named.add(module);
      if (build !== undefined && fixed !== undefined && moduleBuild(fixed) === build) ofBuild.add(module);
    }
  }
  if (ofBuild.size === 1) return [...ofBuild];
  const names = new Set([...named].map(nameOf));
  const known = enabledModules.filter((module) => names.has(nameOf(module)));
  return known.length === 0 && named.size > 0 ? undefined : known;
}

function nameOf(module: string): string {
  return module.slice(0, module.indexOf(':'));
}
