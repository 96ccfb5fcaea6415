import { cvss3 } from './cvss3.ts';
import { cvss4 } from './cvss4.ts';
import type { VendorScore } from './vulnerability.ts';

/** Base score of a CVSS vector of any version. Undefined: it is none, or of a version that is not known. */
export function cvssScore(vector: string): VendorScore | undefined {
  return cvss4(vector) ?? cvss3(vector) ?? cvss2(vector);
}

const impacts = { N: 0, P: 0.275, C: 0.66 };

/** Weights of the base metrics (CVSS v2 guide, 3.2.1, https://www.first.org/cvss/v2/guide). */
const weights: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { L: 0.395, A: 0.646, N: 1 },
  AC: { H: 0.35, M: 0.61, L: 0.71 },
  Au: { M: 0.45, S: 0.56, N: 0.704 },
  C: impacts,
  I: impacts,
  A: impacts,
};

/**
 * Base score of a CVSS 2.0 vector, with or without its prefix (CVSS v2 guide, 3.2.1). Undefined for other versions, and for vectors
 * without one of the base metrics or with a metric twice. The vector of the result has no prefix.
 */
function cvss2(text: string): VendorScore | undefined {
  const vector = text.replace(/^CVSS:2\.0\/|^\(|\)$/g, '');
  const parts = vector.split('/');
  const metrics = new Map(parts.map((part) => part.split(':') as [string, string]));
  if (metrics.size !== parts.length) return undefined;
  const weight = (metric: string) => weights[metric]?.[metrics.get(metric) ?? ''] ?? Number.NaN;
  const impact = 10.41 * (1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A')));
  const exploitability = 20 * weight('AV') * weight('AC') * weight('Au');
  const sum = (0.6 * impact + 0.4 * exploitability - 1.5) * (impact === 0 ? 0 : 1.176);
  if (Number.isNaN(sum)) return undefined;
  return { version: '2.0', score: Math.abs(Math.round(sum * 10) / 10), vector };
}
