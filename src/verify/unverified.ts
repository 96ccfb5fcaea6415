import type { UnverifiedReason, Verification } from '../model/index.ts';

/** How many packages are named for each reason. */
const namedPackages = 5;

const reasons: readonly UnverifiedReason[] = ['no_digest', 'left_out_by_packager', 'not_hashed'];

/** Counts owned files whose content could not be compared, by reason and package. */
export class UnverifiedCounts {
  #counts = new Map<UnverifiedReason, Map<string, number>>();

  add(reason: UnverifiedReason, packageName: string): void {
    const packages = this.#counts.get(reason) ?? new Map<string, number>();
    packages.set(packageName, (packages.get(packageName) ?? 0) + 1);
    this.#counts.set(reason, packages);
  }

  /** Packages with most files first. */
  result(): Verification['unverified'] {
    return reasons.flatMap((reason) => {
      const packages = this.#counts.get(reason);
      if (!packages) return [];
      const ranked = [...packages].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
      return {
        reason,
        files: ranked.reduce((sum, [, count]) => sum + count, 0),
        packages: ranked.slice(0, namedPackages).map(([name]) => name),
      };
    });
  }
}
