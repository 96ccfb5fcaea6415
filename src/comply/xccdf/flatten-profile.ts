import { clustersOf, extendsChain } from './apply-profile.ts';
import type { Benchmark, Profile, ProfileChange } from './model.ts';
import { allItems } from './read-benchmark.ts';

type Refinement = Extract<ProfileChange, { kind: 'refine-rule' }>;

/** The same profile without `extends` and clusters, each id changed at most once. */
export function flattenProfile(benchmark: Benchmark, profile: Profile): Profile {
  const chain = extendsChain(profile, benchmark.profiles, benchmark.profiles);
  const changes = chain.flatMap((each) => each.changes);
  const platforms = [...new Set(chain.flatMap((each) => each.platforms ?? []))];
  const { extends: _extends, platforms: _platforms, changes: _changes, ...rest } = profile;
  return {
    ...rest,
    ...(platforms.length > 0 ? { platforms } : {}),
    changes: [...selections(benchmark, changes), ...values(changes), ...refinements(benchmark, changes)],
  };
}

/** Only what differs from the items' own selection. */
function selections(benchmark: Benchmark, changes: readonly ProfileChange[]): ProfileChange[] {
  const items = [...allItems(benchmark.items)];
  const own = new Map(items.map(({ id, selected }) => [id, selected !== false]));
  const clusters = clustersOf(items);
  const chosen = new Map(own);
  for (const change of changes) {
    if (change.kind !== 'select') continue;
    for (const id of [change.id, ...(clusters.get(change.id) ?? [])])
      if (own.has(id)) chosen.set(id, change.selected);
  }
  return [...chosen].flatMap(([id, selected]) =>
    own.get(id) === selected ? [] : [{ kind: 'select', id, selected }],
  );
}

function values(changes: readonly ProfileChange[]): ProfileChange[] {
  const last = new Map<string, ProfileChange>();
  for (const change of changes) {
    if (change.kind === 'set-value' || change.kind === 'refine-value')
      last.set(`${change.kind} ${change.id}`, change);
  }
  return [...last.values()];
}

function refinements(benchmark: Benchmark, changes: readonly ProfileChange[]): ProfileChange[] {
  const clusters = clustersOf([...allItems(benchmark.items)]);
  const merged = new Map<string, Refinement>();
  for (const change of changes) {
    if (change.kind !== 'refine-rule') continue;
    for (const id of [change.id, ...(clusters.get(change.id) ?? [])])
      merged.set(id, { ...merged.get(id), ...change, id });
  }
  return [...merged.values()];
}
