/** Weights of the metrics of CVSS 3.x that a base score is made of (CVSS v3.1, 7.4). */
const weights: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  PR: { N: 0.85, L: 0.62, H: 0.27 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
};

/** The base score of a vector of CVSS 3.0 or 3.1 with base metrics alone; undefined: it is none. */
export function cvss3Base(vector: string): number | undefined {
  if (
    !/^CVSS:3\.[01]\/AV:[NALP]\/AC:[LH]\/PR:[NLH]\/UI:[NR]\/S:[UC]\/C:[NLH]\/I:[NLH]\/A:[NLH]$/.test(vector)
  )
    return undefined;
  const metrics = new Map(vector.split('/').map((part) => part.split(':') as [string, string]));
  const changed = metrics.get('S') === 'C';
  const weight = (name: string) => {
    const value = metrics.get(name)!;
    if (name === 'PR' && changed && value !== 'N') return value === 'L' ? 0.68 : 0.5;
    return weights[name]![value]!;
  };
  const missed = 1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A'));
  const impact = changed ? 7.52 * (missed - 0.029) - 3.25 * (missed - 0.02) ** 15 : 6.42 * missed;
  if (impact <= 0) return 0;
  const exploitability = 8.22 * weight('AV') * weight('AC') * weight('PR') * weight('UI');
  return roundUp(Math.min((changed ? 1.08 : 1) * (impact + exploitability), 10));
}

/** To one decimal, as CVSS v3.1 defines it, without errors of binary fractions (appendix A). */
function roundUp(value: number): number {
  const whole = Math.round(value * 100_000);
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10;
}
