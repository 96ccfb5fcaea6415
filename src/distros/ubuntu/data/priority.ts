import type { Severity } from '../../../model/index.ts';

/** Ubuntu's priorities, which are its own rating of a flaw in its packages, not a CVSS band. */
const priorities: Readonly<Record<string, Severity>> = {
  untriaged: 'unknown',
  negligible: 'negligible',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
};

/** Severity of a priority; undefined for a word that is none. */
export function severityOfPriority(priority: string): Severity | undefined {
  const word = priority.trim().toLowerCase();
  return Object.hasOwn(priorities, word) ? priorities[word] : undefined;
}
