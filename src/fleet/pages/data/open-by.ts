import type { FleetView } from './fleet-view.ts';
import { compareTexts } from './texts.ts';

/** Open verdicts in watched images about one vulnerability, or in one source package. */
export interface OpenGroup {
  id: string;
  verdicts: readonly GroupedVerdict[];
}

export interface GroupedVerdict {
  package: number;
  /** The number of the source package, or of the vulnerability, that the group is not by. */
  other: number;
  rank: number;
  exploited: boolean;
  fixable: boolean;
}

/** By what lists of open flaws are grouped, in code-unit order of the ids. */
export function openBy(view: FleetView, by: 'vulnerability' | 'source'): Promise<readonly OpenGroup[]> {
  return view.kept(`open by ${by}`, async () => {
    const holders = await view.holders();
    const index = await view.verdicts();
    const groups = new Map<number, GroupedVerdict[]>();
    index.eachOpen(({ package: number, source, vulnerability, rank, exploited, fixable }) => {
      if (!holders.isHeld(number)) return;
      const [key, other] = by === 'source' ? [source, vulnerability] : [vulnerability, source];
      const verdict = { package: number, other, rank, exploited, fixable };
      const known = groups.get(key);
      if (known) known.push(verdict);
      else groups.set(key, [verdict]);
    });
    return [...groups]
      .map(([key, verdicts]) => ({
        id: by === 'source' ? index.source(key) : index.vulnerability(key),
        verdicts,
      }))
      .sort((a, b) => compareTexts(a.id, b.id));
  });
}
