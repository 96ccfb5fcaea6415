import type { FleetView } from './fleet-view.ts';
import type { Holders } from './holders.ts';
import { type HeldFlaw, WaivedFlaws } from './waived.ts';

/** Share of the images with the flaw in which it is waived. */
export const shares = ['none', 'some', 'all'] as const;

export type Share = (typeof shares)[number];

/** Of groups of flaws, each by the packages that have it, whether they are waived in the images that have them. */
export async function waivedShares(
  view: FleetView,
  groups: readonly (readonly HeldFlaw[])[],
): Promise<Share[]> {
  const waived = await WaivedFlaws.of(view, groups.flat());
  const holders = await view.holders();
  return groups.map((own) => {
    if (!own.some((flaw) => waived.isNamed(flaw))) return 'none';
    let [aside, counted] = [0, 0];
    for (const flaw of own) {
      for (const [image, packages] of packagesByImage(holders, flaw.packages)) {
        if (waived.in({ ...flaw, packages }, image).length > 0) aside += 1;
        else counted += 1;
      }
    }
    return aside === 0 ? 'none' : counted === 0 ? 'all' : 'some';
  });
}

/** Of some packages those that each image has. */
export function packagesByImage(holders: Holders, packages: readonly number[]): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const number of packages) {
    for (const image of holders.having(number)) {
      const known = found.get(image);
      if (known) known.push(number);
      else found.set(image, [number]);
    }
  }
  return found;
}
