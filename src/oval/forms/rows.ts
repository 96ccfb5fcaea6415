import type { ShardClaim, ShardLine } from '../../model/feed/index.ts';
import type { Criteria, Criterion } from '../document/components.ts';

/** All claims of one package's line about one vulnerability, in the compiler's order. */
export interface FlawRow {
  vulnerability: string;
  claims: readonly ShardClaim[];
}

/** One condition under which a (vulnerability, package) is true, and its claim. Ways are joined by OR. */
export interface Way {
  claim: ShardClaim;
  item: Criteria | Criterion;
}

/** A line by vulnerability, in code-unit order. Rows of the same claims have the same list of them. */
export function flawRows(line: ShardLine): FlawRow[] {
  const rows = new Map<string, readonly ShardClaim[]>();
  for (const claim of line.claims) {
    const alone = [claim];
    const longer = new Map<readonly ShardClaim[], readonly ShardClaim[]>();
    for (const id of claim.ids) {
      const before = rows.get(id);
      const claims = before === undefined ? alone : (longer.get(before) ?? [...before, claim]);
      if (before) longer.set(before, claims);
      rows.set(id, claims);
    }
  }
  const ids = [...rows.keys()].sort();
  return ids.map((vulnerability) => ({ vulnerability, claims: rows.get(vulnerability)! }));
}

/** The file of a definition: affected with a fix, or affected without one. */
export type Selection = 'fixed' | 'unfixed';

/** The key of a (vulnerability, package) definition: its id is the same in every form of the file. */
export function flawKey(selection: Selection, vulnerability: string, name: string): string {
  return `${selection} ${vulnerability} ${name}`;
}

/** Key of the tests that several flaws of a subject share; `tests` identifies them. */
export function alikeKey(selection: Selection, name: string, tests: string): string {
  return `${selection} alike ${name} ${tests}`;
}

export function patchKey(advisory: string): string {
  return `patch ${advisory}`;
}

/** All fixes of a package that no advisory announced. */
export function updateKey(name: string): string {
  return `update ${name}`;
}

/** Key of unread statements about a package (`*`: an unknown one): of a flaw, or of an update. */
export function unreadKey(kind: 'flaw' | 'update', name: string): string {
  return kind === 'flaw' ? `unread ${name}` : `unread update ${name}`;
}

export const inventoryKey = 'inventory';
export const coverageKey = 'coverage';

/** `org.scapfeed.debian-12`: all ids of a platform's files; a definition's id does not depend on the file's form. */
export function ovalNamespace(platform: string): string {
  return `org.scapfeed.${platform}`;
}
