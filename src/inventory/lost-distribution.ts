import { type FileView, type InventoryNote, lostDistribution } from '../model/index.ts';
import { apkDatabases } from '../packaging/apk/database.ts';
import { dpkgStatus } from '../packaging/deb/database.ts';
import { rpmDatabasePaths } from '../packaging/rpm/index.ts';
import { osReleasePaths } from './os-release.ts';

const shells = ['/bin/sh', '/bin/bash', '/bin/busybox', '/usr/bin/sh', '/usr/bin/bash', '/usr/bin/busybox'];
const libraries = ['/lib', '/lib64', '/usr/lib', '/usr/lib64'];
const ofLibraryC = /^(?:ld-(?:linux|musl)|libc\.(?:so|musl)|[a-z\d_]+-linux-gnu)/;

/**
 * The note about an image that has a shell or a C library, or had a package database or release file in a lower layer: its
 * distribution is unknown, and it is no image of programs alone.
 */
export function lostDistributionNote(files: FileView): InventoryNote[] {
  const where = removed(files) ?? standing(files);
  const detail = 'of a distribution whose release file and package database are not there';
  return where === undefined ? [] : [{ code: lostDistribution, where, detail }];
}

function removed(files: FileView): string | undefined {
  return [...osReleasePaths, dpkgStatus, ...apkDatabases, ...rpmDatabasePaths].find(
    (path) => files.removedBy?.(path) !== undefined,
  );
}

function standing(files: FileView): string | undefined {
  const shell = shells.find((path) => files.stat(path, false) !== undefined);
  if (shell !== undefined) return shell;
  for (const folder of libraries) {
    const name = files.list(folder).find((each) => ofLibraryC.test(each));
    if (name !== undefined) return `${folder}/${name}`;
  }
  return undefined;
}
