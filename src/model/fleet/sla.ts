import type { Severity } from '../feed/severity.ts';

/** By when a flaw must be mended. */
export interface SlaRules {
  /** Days count from the run since which the fix can be installed, or from the first run that saw the flaw. */
  from: 'fix' | 'seen';
  /** Days by severity, and for any flaw that is known to be exploited; of two, the fewer. Absent: as long as one likes. */
  days: Readonly<Partial<Record<Severity | 'exploited', number>>>;
}

/** The images of an owner whose flaws are overdue by the SLA. */
export interface OwnerSla {
  /** Null: images that no rule gives an owner. */
  owner: string | null;
  /** Names that are looked up. */
  images: number;
  /** Those not judged in full: more of their flaws may be overdue. */
  notInFull: number;
  /** Names with an overdue flaw; null: no SLA is kept, or no image of the owner is judged. */
  overdueImages: number | null;
  /** Overdue flaws, each once in an image. */
  overdue: number | null;
  /** The earliest last day (UTC) of an open flaw; null: none has one. */
  due: string | null;
}
