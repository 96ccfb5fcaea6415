import type { PlatformIndex, ShardClaim, ShardLine } from '../model/index.ts';
import type { Criteria, Criterion, Definition } from './components.ts';
import { describeFlaw } from './describe.ts';
import type { InexactList } from './inexact.ts';
import { PatchCollector } from './patches.ts';
import { inRelease, ofThisRelease } from './release.ts';
import { type FlawRow, flawRows, type Selection } from './rows.ts';
import { requireToken } from './xml.ts';

/** One file of a platform: how its head and its lines become definitions. A form is used for one pass. */
export interface OvalForm {
  /** Part of the file name between platform and `.xml`: `oval`, `unfixed.oval`, `dpkginfo.oval`. */
  suffix: string;
  head(): Definition[];
  line(line: ShardLine): Iterable<Definition>;
}

/** The forms of one platform: a list, so that a caller may choose by suffix. */
export type FormMaker = (index: PlatformIndex, inexact: InexactList) => OvalForm[];

/** One way in which a (vulnerability, package) is true, and the claim that says so. Ways are ORed. */
export interface Way {
  claim: ShardClaim;
  item: Criteria | Criterion;
}

/** Gives the ways of one row; empty: no definition. Made anew for each line, so that a line's tests are shared. */
export type WaysOfRow = (row: FlawRow) => Way[];

interface FlawFormPlan {
  suffix: string;
  selection: Selection;
  /** Tests of the inventory and the coverage definition. */
  head: Definition[];
  ways(line: ShardLine): WaysOfRow;
}

/** A definition for each (vulnerability, package) that has ways, and a patch definition for each advisory of a fix. */
export function flawForm(
  index: PlatformIndex,
  { suffix, selection, head, ways: waysOfLine }: FlawFormPlan,
): OvalForm {
  const release = ofThisRelease(index.platform);
  const patches = new PatchCollector(index);
  return {
    suffix,
    head: () => head,
    *line(line) {
      const where = `${index.platform.id}/${line.package}`;
      requireToken(line.package, where);
      const waysOf = waysOfLine(line);
      let ways: readonly Way[] = [];
      let claims: ShardClaim[] = [];
      let criteria = inRelease(release, []);
      for (const row of flawRows(line)) {
        requireToken(row.vulnerability, where);
        const found = waysOf(row);
        if (found.length === 0) continue;
        if (selection === 'fixed') {
          for (const way of found) patches.add(line.package, row.vulnerability, way);
        }
        // Rows of one claim share their ways, so the criteria of the row before are often those of this one.
        if (found !== ways) {
          ways = found;
          claims = found.map(({ claim }) => claim);
          criteria = inRelease(
            release,
            found.map(({ item }) => item),
          );
        }
        yield describeFlaw(
          index,
          selection,
          line.package,
          { vulnerability: row.vulnerability, claims },
          criteria,
        );
      }
      if (selection === 'fixed') yield* patches.afterLine(line, release);
    },
  };
}

/** The value that was made for a key before, or a new one: the same Test for the same limit. */
export function once<V extends object>(known: Map<string, V>, key: string, make: () => V): V {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
