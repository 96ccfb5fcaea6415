import type { ComplianceResult } from '../../model/compliance/index.ts';
import type { Image, InstalledPackage, Inventory } from '../../model/inventory/index.ts';
import { openGaps, type ScanResult, type Verification } from '../../model/verdict/index.ts';
import { type ImageChanges, type ImageSide, imageChanges } from '../../report/diff/image-changes.ts';
import { compareVersions, requirePackages } from '../../runtime/index.ts';

interface SideReaders {
  judge(inventory: Inventory): ScanResult | Promise<ScanResult>;
  /** `false`: not asked for. */
  verify: false | (() => Promise<Verification>);
  comply: false | (() => Promise<ComplianceResult>);
}

/** Reads the results for one of two images, and closes it. */
export async function imageSide(
  { image, inventory }: { image: Image; inventory: Inventory },
  { judge, verify, comply }: SideReaders,
): Promise<ImageSide> {
  try {
    const result = await judge(requirePackages(inventory, image.reference));
    const verification = verify && (await verify());
    const compliance = comply && (await comply());
    return {
      result,
      inventory,
      ...(verification && { verification }),
      ...(compliance && { compliance }),
    };
  } finally {
    image.close();
  }
}

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
