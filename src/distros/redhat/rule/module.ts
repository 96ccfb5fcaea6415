import type { InstalledPackage, PackageRecord } from '../../../model/index.ts';
import { isModuleBuild, moduleBuild } from './build-tags.ts';

/** Whether a build is of a module: by its label, else by its release (`1.module+el8.9.0+21392+a91c8c4f`). */
export function isModular({ module, version }: InstalledPackage): boolean {
  return module !== undefined || isModuleBuild(version);
}

/**
 * Modules (`name:stream`) that a modular build may be of, among those that rows speak of. MODULARITYLABEL tells; the first
 * builds of RHEL 8 lack it, and then the number of the module build does, where a fix of the same build names its module,
 * and at last what dnf has enabled. Undefined: rows speak of modules, and nothing tells whether of this one.
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
