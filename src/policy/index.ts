import type { ComplianceRule } from '../model/compliance/index.ts';
import { pathMatcher } from '../model/path-glob.ts';
import type { EntryUse, Ignored } from '../model/verdict/index.ts';
import { entryUse } from './ignore.ts';
import { type AllowEntry, type Entry, isExpired, type PolicyFile, type WaiverEntry } from './policy.ts';

/** Entries that accept something, and how often each did. */
class Acceptance<Item> {
  readonly #entries: { entry: Entry; accepts(item: Item): boolean; expired: boolean; count: number }[];
  readonly #file: string;

  constructor(
    entries: readonly { entry: Entry; accepts(item: Item): boolean }[],
    { file }: Pick<PolicyFile, 'file'>,
    day: string,
  ) {
    this.#file = file;
    this.#entries = entries.map(({ entry, accepts }) => ({
      entry,
      accepts,
      expired: isExpired(entry, day),
      count: 0,
    }));
  }

  /** The first entry that accepts the item; undefined: none does, or only expired ones. */
  of(item: Item): Ignored | undefined {
    let found: Ignored | undefined;
    for (const each of this.#entries) {
      if ((found && !each.expired) || !each.accepts(item)) continue;
      each.count += 1;
      const { where, reason, until } = each.entry;
      const by = { by: 'policy', reason, where: `${this.#file}#${where}` } as const;
      if (!each.expired) found = until === undefined ? by : { ...by, until };
    }
    return found;
  }

  /** The effect of each entry so far. */
  uses(): EntryUse[] {
    return this.#entries.map(({ entry, expired, count }) => entryUse(entry, expired, count));
  }
}

/** Paths that `verify` accepts. */
export function allowedPaths(policy: PolicyFile, day: string): Acceptance<string> {
  const entries = policy.allow.map((entry: AllowEntry) => ({ entry, accepts: pathMatcher(entry.path) }));
  return new Acceptance(entries, policy, day);
}

/** Rules whose failure `comply` accepts, by their whole ids or what follows `_rule_`. */
export function waivedRules(policy: PolicyFile, day: string): Acceptance<Pick<ComplianceRule, 'id'>> {
  const entries = policy.waivers.map((entry: WaiverEntry) => ({
    entry,
    accepts: ({ id }: Pick<ComplianceRule, 'id'>) =>
      entry.rule.some((rule) => id === rule || id.endsWith(`_rule_${rule}`)),
  }));
  return new Acceptance(entries, policy, day);
}

export { type Baseline, type BaselineFile, formerResult, ignoreKnown, readBaselineFile } from './baseline.ts';
export { type IgnoreResult, ignoreByPolicy } from './ignore.ts';
export {
  type AllowEntry,
  type Entry,
  type IgnoreEntry,
  isExpired,
  type PolicyFile,
  type WaiverEntry,
} from './policy.ts';
export { readPolicyFile } from './read-policy.ts';
