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

/** Numbers of a verdict in a list of groups. */
const width = 3;

/** All groups, in code-unit order of their ids; the verdicts are numbers until they are needed. */
class OpenGroups {
  readonly #groups: readonly { id: string; numbers: readonly number[] }[];

  constructor(groups: readonly { id: string; numbers: readonly number[] }[]) {
    this.#groups = groups;
  }

  /** Those whose id is wanted. */
  *of(isWanted: (id: string) => boolean): Generator<OpenGroup> {
    for (const { id, numbers } of this.#groups) {
      if (!isWanted(id)) continue;
      const verdicts: GroupedVerdict[] = [];
      for (let at = 0; at < numbers.length; at += width) {
        const facts = numbers[at + 2]!;
        verdicts.push({
          ...{ package: numbers[at]!, other: numbers[at + 1]!, rank: facts >> 2 },
          exploited: (facts & 2) !== 0,
          fixable: (facts & 1) !== 0,
        });
      }
      yield { id, verdicts };
    }
  }
}

/** By what lists of open flaws are grouped. */
export function openBy(view: FleetView, by: 'vulnerability' | 'source'): Promise<OpenGroups> {
  return view.kept(`open by ${by}`, async () => {
    const holders = await view.holders();
    const index = await view.verdicts();
    const groups = new Map<number, number[]>();
    index.eachOpen(({ package: number, source, vulnerability, rank, exploited, fixable }) => {
      if (!holders.isHeld(number)) return;
      const [key, other] = by === 'source' ? [source, vulnerability] : [vulnerability, source];
      const known = groups.get(key) ?? [];
      if (known.length === 0) groups.set(key, known);
      known.push(number, other, rank * 4 + (exploited ? 2 : 0) + (fixable ? 1 : 0));
    });
    return new OpenGroups(
      [...groups]
        .map(([key, numbers]) => ({
          id: by === 'source' ? index.source(key) : index.vulnerability(key),
          numbers,
        }))
        .sort((a, b) => compareTexts(a.id, b.id)),
    );
  });
}
