import {
  type Assessment,
  type AssessmentPart,
  assessmentOf,
  type Exploited,
  type RatingsRecord,
  ratingsRecord,
} from '../../model/feed/index.ts';

/** The kept part of one record of a large document, in the form that a feed has for ratings. */
export interface Fact extends RatingsRecord {
  /** ISO 8601; of two documents with the same record, the later one counts. */
  updated?: string;
  exploited?: Exploited;
  title?: string;
  /** The place of its description and references in the texts that are kept beside the facts. */
  text?: readonly [offset: number, length: number];
}

export function factOf(assessment: Assessment, rest: Omit<Fact, keyof RatingsRecord>): Fact {
  const { id } = assessment;
  return { ...(ratingsRecord(assessment) ?? { id }), ...rest };
}

/** A fact without its texts. */
export function partOf(fact: Fact): AssessmentPart {
  const { rejected, ...assessment } = assessmentOf(fact);
  return {
    ...assessment,
    state: rejected ? 'rejected' : 'published',
    ...(fact.exploited && { exploited: fact.exploited }),
  };
}
