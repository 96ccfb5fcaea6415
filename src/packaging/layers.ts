import { ScapfeedError } from '../model/error.ts';
import type { FileVersion, FileView, InstalledPackage } from '../model/inventory/index.ts';

/**
 * Sets for each package the layer that installed this version: the lowest from which the database lists it without a gap
 * up to the top. `history` has the database as each layer left it, lowest first; `packages` are from the last one.
 */
export function withLayers<Version extends { layer: number }>(
  packages: readonly InstalledPackage[],
  history: readonly Version[],
  read: (version: Version) => readonly InstalledPackage[],
): readonly InstalledPackage[] {
  const top = history.at(-1);
  if (!top) return packages;
  if (history.length === 1) {
    for (const item of packages) item.layer = top.layer;
    return packages;
  }
  const layers = new Map(packages.map((item) => [packageKey(item), top.layer]));
  let unbroken = new Set(layers.keys());
  for (const version of history.slice(0, -1).reverse()) {
    const below = keysOf(() => read(version));
    unbroken = new Set([...unbroken].filter((key) => below.has(key)));
    if (unbroken.size === 0) break;
    for (const key of unbroken) layers.set(key, version.layer);
  }
  for (const item of packages) item.layer = layers.get(packageKey(item)) ?? top.layer;
  return packages;
}

/** A database as each layer left it. A root file system has no layers, and is not opened again for them. */
export function historyOf(files: FileView, path: string): readonly FileVersion[] {
  return files.layers.length === 0 ? [] : files.history(path);
}

/** A damaged version in a lower layer lists nothing, so its packages count as installed by a layer above it. */
function keysOf(read: () => readonly InstalledPackage[]): Set<string> {
  try {
    return new Set(read().map(packageKey));
  } catch (error) {
    if (error instanceof ScapfeedError) return new Set();
    throw error;
  }
}

/** Key that is equal for two entries of the same installed package. */
function packageKey({ name, arch, version }: InstalledPackage): string {
  return `${name}\0${arch}\0${version}`;
}
