import { cvssScore, cvssSeverity, type Severity } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';

/** Of the score of the newest CVSS version that can be scored. */
export function scoredSeverity(vectors: readonly string[]): Severity {
  const [newest] = vectors
    .flatMap((vector) => cvssScore(vector) ?? [])
    .sort((a, b) => compareCodeUnits(b.version, a.version));
  return newest === undefined ? 'unknown' : cvssSeverity(newest);
}
