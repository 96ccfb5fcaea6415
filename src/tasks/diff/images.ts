import type { InstalledPackage } from '../../model/inventory/index.ts';
import { openGaps } from '../../model/verdict/index.ts';
import { type ImageChanges, type ImageSide, imageChanges } from '../../report/diff/image-changes.ts';
import { compareVersions } from '../../runtime/index.ts';

/** Compares two images, judged by one feed on one day. `isWhole`: both are known in full. */
export function compareImages(
  before: ImageSide,
  after: ImageSide,
  { all, allowUncovered }: { all: boolean; allowUncovered: boolean },
): { changes: ImageChanges; isWhole: boolean } {
  const compare = (pkg: InstalledPackage, version: string) => {
    const order = compareVersions({ ...pkg, source: { ...pkg.source, version: pkg.version } }, version);
    return order ?? undefined;
  };
  const isWhole = [before, after].every(({ result, verification, compliance }) => {
    const gaps = openGaps(result.gaps, allowUncovered);
    const unlisted = allowUncovered ? 0 : (verification?.uncovered.length ?? 0);
    return gaps.length + unlisted === 0 && compliance?.unfinished === undefined;
  });
  return { changes: imageChanges(before, after, { all, compare }), isWhole };
}
