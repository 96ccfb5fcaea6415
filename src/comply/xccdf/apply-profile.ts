import { ScapfeedError } from '../../model/error.ts';
import type {
  Benchmark,
  BenchmarkItem,
  Group,
  Profile,
  ProfileChange,
  Rule,
  RuleRole,
  RuleSeverity,
} from './model.ts';
import { allItems } from './read-benchmark.ts';

/** A benchmark with the changes of one profile. */
export interface AppliedProfile {
  /** Absent: the benchmark's own defaults. */
  profile?: { id: string; title: string; platforms: readonly string[] };
  /** Ids of items that run: selected themselves and by all groups above, their requirements met. */
  selected: ReadonlySet<string>;
  /** Ids of items that are selected and do not run: their requirements are not met. */
  idle: ReadonlySet<string>;
  /** Ids that it selects and the benchmark does not have. */
  unknown: readonly string[];
  /** Chosen value of each Value; undefined where the selector that was asked for does not exist. */
  values: ReadonlyMap<string, readonly string[] | undefined>;
  refine(rule: Rule): RefinedRule;
  /** A group's weight among its siblings. */
  weightOf(group: Group): number;
}

export interface RefinedRule {
  selector: string;
  weight: number;
  severity: RuleSeverity;
  role: RuleRole;
}

/** Resolves a profile against its benchmark (XCCDF 1.2, 7.2.2 and 7.2.3.3). */
export function applyProfile(
  benchmark: Benchmark,
  profile?: Profile,
  profiles: readonly Profile[] = benchmark.profiles,
): AppliedProfile {
  const chain = profile ? extendsChain(profile, profiles, benchmark.profiles) : [];
  const changes = chain.flatMap((each) => each.changes);
  const items = [...allItems(benchmark.items)];
  const platforms = chain.flatMap((each) => each.platforms ?? []);
  return {
    ...(profile ? { profile: { id: profile.id, title: profile.title, platforms } } : {}),
    ...selectItems(benchmark, items, changes),
    unknown: unknownIds(items, changes),
    values: chooseValues(benchmark, changes),
    ...refiner(items, changes),
  };
}

/** Profiles that may extend each other in a row. */
const maxProfileChain = 100;

/** The profile's ancestors, furthest first, then itself. A shadowing profile may extend the one it shadows. */
export function extendsChain(
  profile: Profile,
  profiles: readonly Profile[],
  shadowed: readonly Profile[],
): Profile[] {
  const chain = [profile];
  for (let at = profile; at.extends !== undefined; ) {
    const { extends: base, id } = at;
    const found = (base === id ? shadowed : profiles).find((each) => each.id === base && each !== at);
    if (!found || chain.includes(found)) throw brokenChain(at, found !== undefined);
    if (chain.length === maxProfileChain) throw longChain(profile);
    chain.unshift(found);
    at = found;
  }
  return chain;
}

function brokenChain(profile: Profile, circular: boolean): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message: circular
      ? `profiles extend each other in a circle at ${profile.id}`
      : `the profile ${profile.id} extends ${profile.extends}, which does not exist`,
    remedy: 'correct the profile, or tailor the benchmark that it belongs to',
  });
}

function longChain({ id }: Profile): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message: `more than ${maxProfileChain} profiles extend each other from ${id} on`,
    remedy: 'choose a profile that extends fewer',
  });
}

/** Whether each item is selected itself, whatever its groups are. */
export function ownSelections(
  items: readonly BenchmarkItem[],
  changes: readonly ProfileChange[],
): Map<string, boolean> {
  const own = new Map(items.map((item) => [item.id, item.selected !== false]));
  const byCluster = clustersOf(items);
  for (const change of changes) {
    if (change.kind !== 'select') continue;
    if (own.has(change.id)) own.set(change.id, change.selected);
    for (const id of byCluster.get(change.id) ?? []) own.set(id, change.selected);
  }
  return own;
}

function unknownIds(items: readonly BenchmarkItem[], changes: readonly ProfileChange[]): string[] {
  const known = new Set([...items.map(({ id }) => id), ...clustersOf(items).keys()]);
  const asked = changes.flatMap((change) =>
    change.kind === 'select' && change.selected && !known.has(change.id) ? [change.id] : [],
  );
  return [...new Set(asked)];
}

function selectItems(
  benchmark: Benchmark,
  items: readonly BenchmarkItem[],
  changes: readonly ProfileChange[],
): Pick<AppliedProfile, 'selected' | 'idle'> {
  const own = ownSelections(items, changes);
  // In document order: an item whose requirements fail counts as not selected for later items (7.2.3.3.2).
  const selected = new Set<string>();
  const idle = new Set<string>();
  const visit = (list: readonly BenchmarkItem[]): void => {
    for (const item of list) {
      if (!own.get(item.id) || item.abstract) continue;
      if (!requirementsHold(item, own)) {
        own.set(item.id, false);
        idle.add(item.id);
        continue;
      }
      selected.add(item.id);
      if (item.kind === 'group') visit(item.children);
    }
  };
  visit(benchmark.items);
  return { selected, idle };
}

/** `requires`: one of each list must be selected; `conflicts`: none may be. */
function requirementsHold(item: BenchmarkItem, selected: ReadonlyMap<string, boolean>): boolean {
  const isSelected = (id: string) => selected.get(id) === true;
  return (
    (item.requires ?? []).every((any) => any.some(isSelected)) && !(item.conflicts ?? []).some(isSelected)
  );
}

/** Ids of items by their cluster. */
export function clustersOf(items: readonly BenchmarkItem[]): Map<string, string[]> {
  const clusters = new Map<string, string[]>();
  for (const { id, cluster } of items) {
    if (cluster === undefined) continue;
    const members = clusters.get(cluster);
    if (members) members.push(id);
    else clusters.set(cluster, [id]);
  }
  return clusters;
}

/** The value of set-value, else by the refined selector, else the one without a selector, else the first. */
function chooseValues(
  benchmark: Benchmark,
  changes: readonly ProfileChange[],
): Map<string, readonly string[] | undefined> {
  const selectors = new Map<string, string>();
  const set = new Map<string, string | string[]>();
  for (const change of changes) {
    if (change.kind === 'refine-value') selectors.set(change.id, change.selector);
    else if (change.kind === 'set-value') set.set(change.id, change.value);
  }
  return new Map(
    benchmark.values.map(({ id, options }) => {
      const selector = selectors.get(id);
      const fallback = own(options, '') ?? Object.values(options)[0];
      const chosen = set.get(id) ?? (selector === undefined ? fallback : own(options, selector));
      return [id, chosen === undefined ? undefined : Array.isArray(chosen) ? chosen : [chosen]];
    }),
  );
}

function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** refine-rule also changes the weight of groups (profileRefineRuleType). */
function refiner(
  items: readonly BenchmarkItem[],
  changes: readonly ProfileChange[],
): Pick<AppliedProfile, 'refine' | 'weightOf'> {
  const byCluster = clustersOf(items);
  const refined = new Map<string, Partial<RefinedRule>>();
  for (const change of changes) {
    if (change.kind !== 'refine-rule') continue;
    const { kind: _kind, id, ...rest } = change;
    for (const each of [id, ...(byCluster.get(id) ?? [])])
      refined.set(each, { ...refined.get(each), ...rest });
  }
  return {
    refine: (rule) => ({
      selector: '',
      weight: rule.weight ?? 1,
      severity: rule.severity ?? 'unknown',
      role: rule.role ?? 'full',
      ...refined.get(rule.id),
    }),
    weightOf: ({ id, weight = 1 }) => refined.get(id)?.weight ?? weight,
  };
}
