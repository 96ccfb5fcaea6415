import type { Severity } from '../../model/index.ts';
import type { SarifLevel } from './log.ts';

/**
 * Urgency of a severity in GitHub, by a level and by a number (0.1 to 10.0). An unrated flaw has no number, and the level that
 * Trivy and Grype give it: DefectDojo reads it as it reads `unknown` in formats that have the word.
 */
export const sarifSeverities: Readonly<Record<Severity, { level: SarifLevel; number?: number }>> = {
  critical: { level: 'error', number: 9.5 },
  high: { level: 'error', number: 8 },
  medium: { level: 'warning', number: 5.5 },
  low: { level: 'note', number: 2 },
  negligible: { level: 'note', number: 0.1 },
  unknown: { level: 'note' },
};
