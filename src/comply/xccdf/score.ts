import type { BenchmarkItem, Group } from './model.ts';
import type { RuleResult } from './rule-result.ts';

export interface BenchmarkScore {
  system: string;
  score: number;
  maximum: number;
}

/** A rule's share in the score. */
export interface ScoredRule {
  result: RuleResult;
  weight: number;
  /** False for the role `unscored`. */
  scored: boolean;
}

const defaultModel = 'urn:xccdf:scoring:default';

const unscored: ReadonlySet<RuleResult> = new Set([
  'notselected',
  'notapplicable',
  'informational',
  'notchecked',
]);

type Rules = ReadonlyMap<string, readonly ScoredRule[]>;
type WeightOf = (group: Group) => number;

/** The four scoring models of XCCDF 1.2 (7.3); an unknown model has no score. Each result of a rule has the rule's weight. */
export function scoreOf(
  models: readonly string[],
  items: readonly BenchmarkItem[],
  rules: Rules,
  weightOf: WeightOf,
): BenchmarkScore[] {
  const wanted = models.length > 0 ? models : [defaultModel];
  const counted = [...rules.values()].flat().filter(({ result, scored }) => scored && !unscored.has(result));
  return [...new Set(wanted)].flatMap((system): BenchmarkScore[] => {
    switch (system) {
      case defaultModel:
        return [{ system, score: defaultScore(items, rules, weightOf), maximum: 100 }];
      case 'urn:xccdf:scoring:flat':
        return [{ system, ...flat(counted, ({ weight }) => weight) }];
      case 'urn:xccdf:scoring:flat-unweighted':
        return [{ system, ...flat(counted, ({ weight }) => (weight === 0 ? 0 : 1)) }];
      case 'urn:xccdf:scoring:absolute': {
        const { score, maximum } = flat(counted, ({ weight }) => weight);
        return [{ system, score: score === maximum ? 1 : 0, maximum: 1 }];
      }
      default:
        return [];
    }
  });
}

function flat(
  rules: readonly ScoredRule[],
  weigh: (rule: ScoredRule) => number,
): { score: number; maximum: number } {
  let score = 0;
  let maximum = 0;
  for (const rule of rules) {
    maximum += weigh(rule);
    if (rule.result === 'pass' || rule.result === 'fixed') score += weigh(rule);
  }
  return { score, maximum };
}

interface Part {
  /** Weighted sum and sum of weights of the counted children. */
  sum: number;
  weights: number;
}

/** A rule has 100 or 0, a group the weighted mean of its counted children. */
function defaultScore(items: readonly BenchmarkItem[], rules: Rules, weightOf: WeightOf): number {
  const part = mean(items, rules, weightOf);
  return part.weights === 0 ? 0 : part.sum / part.weights;
}

function mean(items: readonly BenchmarkItem[], rules: Rules, weightOf: WeightOf): Part {
  const whole: Part = { sum: 0, weights: 0 };
  for (const item of items) {
    if (item.kind === 'group') {
      const part = mean(item.children, rules, weightOf);
      if (part.weights === 0) continue;
      const weight = weightOf(item);
      whole.sum += (weight * part.sum) / part.weights;
      whole.weights += weight;
      continue;
    }
    for (const { result, weight, scored } of rules.get(item.id) ?? []) {
      if (!scored || unscored.has(result)) continue;
      if (result === 'pass' || result === 'fixed') whole.sum += weight * 100;
      whole.weights += weight;
    }
  }
  return whole;
}
