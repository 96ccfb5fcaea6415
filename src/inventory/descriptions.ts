import type { FileView, InstalledPackage, PackageDescription, Wanted } from '../model/index.ts';
import { apkDescriptions } from '../packaging/apk/description.ts';
import { copyrightPath, isCopyrightFile, readCopyright } from '../packaging/deb/copyright.ts';
import { rpmDescriptions } from '../packaging/rpm/description.ts';

/** The files that descriptions are read from, besides those of an inventory. */
export const descriptionWanted: Wanted = isCopyrightFile;

/** Licences and digests of packages, for SBOMs. They are read when the first is asked for, in a second pass over the database. */
export function packageDescriptions(files: FileView): (pkg: InstalledPackage) => PackageDescription {
  const copyrights = new Map<string, string[] | undefined>();
  let rpms: Map<string, PackageDescription> | undefined;
  let apks: Map<string, PackageDescription> | undefined;
  return (pkg) => {
    if (pkg.type === 'rpm') {
      rpms ??= readRpms(files);
      return rpms.get(keyOf(pkg)) ?? { licences: [] };
    }
    if (pkg.type === 'apk') {
      apks ??= apkDescriptions(files);
      return apks.get(pkg.name) ?? { licences: [] };
    }
    if (pkg.type !== 'deb') return { licences: [] };
    const { name } = pkg;
    if (!copyrights.has(name)) copyrights.set(name, readCopyright(files, name));
    const licences = copyrights.get(name);
    return licences ? { licences, licenceFile: copyrightPath(name) } : { licences: [] };
  };
}

function readRpms(files: FileView): Map<string, PackageDescription> {
  const known = new Map<string, PackageDescription>();
  for (const { item, licence, sha256 } of rpmDescriptions(files)) {
    known.set(keyOf(item), {
      licences: licence === undefined ? [] : [licence],
      ...(sha256 === undefined ? {} : { sha256 }),
    });
  }
  return known;
}

function keyOf({ name, version, arch, database }: InstalledPackage): string {
  return JSON.stringify([name, version, arch, database]);
}
