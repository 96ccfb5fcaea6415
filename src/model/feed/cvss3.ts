import type { VendorScore } from './vulnerability.ts';

const privilegesChanged = { N: 0.85, L: 0.68, H: 0.5 };
const impacts = { H: 0.56, L: 0.22, N: 0 };

/** Weights of the base metrics but the scope (CVSS v3.1 specification, 7.4). */
const weights: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  PR: { N: 0.85, L: 0.62, H: 0.27 },
  UI: { N: 0.85, R: 0.62 },
  C: impacts,
  I: impacts,
  A: impacts,
};

/**
 * Base score of a CVSS 3.0 or 3.1 vector (CVSS v3.1 specification, 7.1). Undefined for other versions, and for vectors without one of the
 * base metrics or with a metric twice.
 */
export function cvss3(vector: string): VendorScore | undefined {
  const [head = '', ...parts] = vector.split('/');
  const version = /^CVSS:(3\.[01])$/.exec(head)?.[1];
  const metrics = new Map(parts.map((part) => part.split(':') as [string, string]));
  const scope = metrics.get('S');
  if (version === undefined || metrics.size !== parts.length || (scope !== 'C' && scope !== 'U'))
    return undefined;
  const isChanged = scope === 'C';
  const weight = (metric: string) => {
    const table = metric === 'PR' && isChanged ? privilegesChanged : weights[metric];
    return (table as Record<string, number>)[metrics.get(metric) ?? ''] ?? Number.NaN;
  };
  const loss = 1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A'));
  const exploitability = 8.22 * weight('AV') * weight('AC') * weight('PR') * weight('UI');
  const impact = isChanged ? 7.52 * (loss - 0.029) - 3.25 * (loss - 0.02) ** 15 : 6.42 * loss;
  const sum = (isChanged ? 1.08 : 1) * (impact + exploitability);
  if (Number.isNaN(sum)) return undefined;
  return { version, score: impact <= 0 ? 0 : roundUp(Math.min(sum, 10)), vector };
}

/** Whether a vector has no other metrics than those of the base score. */
export function hasBaseMetricsAlone(vector: string): boolean {
  return vector.split('/').length === 1 + 1 + Object.keys(weights).length;
}

/** Rounds up to one decimal, on integers to avoid errors of binary fractions (specification, appendix A). */
function roundUp(score: number): number {
  const scaled = Math.round(score * 100_000);
  return scaled % 10_000 === 0 ? scaled / 100_000 : (Math.floor(scaled / 10_000) + 1) / 10;
}
