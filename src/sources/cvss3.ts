import type { Vulnerability } from '../model/index.ts';

type Cvss = NonNullable<Vulnerability['cvss']>[number];

/**
 * Base score of a CVSS 3.0 or 3.1 vector (first.org, CVSS v3.1 specification, 7.1); OSV has vectors without scores.
 * Undefined for other versions and for vectors that lack a base metric.
 */
export function cvss3(vector: string): Cvss | undefined {
  const version = /^CVSS:(3\.[01])\//.exec(vector)?.[1];
  if (version === undefined) return undefined;
  const metrics = new Map(vector.split('/').map((metric) => metric.split(':') as [string, string]));
  const changed = metrics.get('S') === 'C';
  const weight = (metric: string) => {
    const table = metric === 'PR' && changed ? privilegesChanged : weights[metric];
    return table?.[metrics.get(metric) ?? ''] ?? Number.NaN;
  };
  const loss = 1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A'));
  const exploitability = 8.22 * weight('AV') * weight('AC') * weight('PR') * weight('UI');
  const impact = changed ? 7.52 * (loss - 0.029) - 3.25 * (loss - 0.02) ** 15 : 6.42 * loss;
  const sum = (changed ? 1.08 : 1) * (impact + exploitability);
  if (Number.isNaN(sum)) return undefined;
  return { version, score: impact <= 0 ? 0 : roundUp(Math.min(sum, 10)), vector };
}

const impacts = { H: 0.56, L: 0.22, N: 0 };

const weights: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  PR: { N: 0.85, L: 0.62, H: 0.27 },
  UI: { N: 0.85, R: 0.62 },
  C: impacts,
  I: impacts,
  A: impacts,
};

const privilegesChanged: Readonly<Record<string, number>> = { N: 0.85, L: 0.68, H: 0.5 };

/** Rounds up to one decimal, on integers to avoid errors of binary fractions (specification, appendix A). */
function roundUp(score: number): number {
  const scaled = Math.round(score * 100_000);
  return scaled % 10_000 === 0 ? scaled / 100_000 : (Math.floor(scaled / 10_000) + 1) / 10;
}
