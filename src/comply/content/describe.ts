import { applyProfile } from '../xccdf/apply-profile.ts';
import type { Benchmark, LogicalTest } from '../xccdf/model.ts';

/** Facts about a benchmark, for lists of content. */
export interface ContentDescription {
  benchmark: { id: string; title: string; version: string };
  /** Day of its newest status (YYYY-MM-DD). */
  date?: string;
  /** CPE names of its platforms; of a platform of the CPE language, all that it names. */
  cpes: string[];
  profiles: { id: string; title: string; rules: number }[];
}

export function describeContent({ benchmark }: { benchmark: Benchmark }): ContentDescription {
  const { id, title, version, profiles } = benchmark;
  const date = /^\d{4}-\d\d-\d\d/.exec(benchmark.date ?? '')?.[0];
  return {
    benchmark: { id, title, version },
    ...(date === undefined ? {} : { date }),
    cpes: [...new Set(benchmark.platforms.flatMap((platform) => namesOf(platform, benchmark)))],
    profiles: profiles.flatMap((profile) => {
      if (profile.abstract) return [];
      const { selected } = applyProfile(benchmark, profile, profiles);
      return { id: profile.id, title: profile.title, rules: selectedRules(benchmark.items, selected) };
    }),
  };
}

function selectedRules(items: Benchmark['items'], selected: ReadonlySet<string>): number {
  return items.reduce(
    (sum, item) =>
      sum + (item.kind === 'group' ? selectedRules(item.children, selected) : Number(selected.has(item.id))),
    0,
  );
}

function namesOf(platform: string, { platformTests }: Benchmark): string[] {
  const test = platformTests[platform.replace(/^#/, '')];
  return test && platform.startsWith('#') ? factsOf(test) : [platform];
}

function factsOf({ facts = [], tests = [] }: LogicalTest): string[] {
  return [...facts, ...tests.flatMap(factsOf)];
}
