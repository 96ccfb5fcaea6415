import type { Severity } from '../../model/index.ts';

/** An erratum's rating is that of its worst flaw; bug fixes and enhancements have the text `None`. */
const severities: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  important: 'high',
  moderate: 'medium',
  medium: 'medium',
  low: 'low',
  none: 'unknown',
  unknown: 'unknown',
  '': 'unknown',
};

/** By Red Hat's words, which others keep but for `high` and `medium`; undefined: another word. */
export function severityOf(word: string): Severity | undefined {
  const key = word.trim().toLowerCase();
  return Object.hasOwn(severities, key) ? severities[key] : undefined;
}
