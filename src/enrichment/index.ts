import type { AssessmentSource } from '../sources/contract.ts';
import { source as cveRecords } from './cve-records/index.ts';
import { source as epss } from './epss.ts';
import { source as eukev } from './eukev.ts';
import { source as kev } from './kev.ts';
import { source as nvd } from './nvd/index.ts';

/** Sources of ratings and exploitation, by id in code-unit order; test/enrichment compares them with the folders. */
export const assessmentSources: readonly AssessmentSource[] = [cveRecords, epss, eukev, kev, nvd];

/** Those that are read without being named. */
export const usualAssessmentSources: readonly AssessmentSource[] = assessmentSources.filter(
  ({ byNameOnly }) => !byNameOnly,
);

/** Undefined: there is no such source. */
export function assessmentSourceOf(id: string): AssessmentSource | undefined {
  return assessmentSources.find((source) => source.id === id);
}
