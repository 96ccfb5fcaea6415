import {
  isUnsettled,
  needsAction,
  type OvalEvaluation,
  type OvalResultsData,
} from '../../model/compliance/index.ts';
import { evaluationTable } from '../../report/eval/table.ts';
import { wholeJson } from '../../report/formats/json.ts';
import type { Action } from '../../report/many/results.ts';
import { type CountedReports, countedJson, countedSharedFormats, countedTable } from '../formats.ts';
import { largestOval } from './run.ts';

/** The report formats of an evaluation of OVAL. */
export type EvaluationFormat = 'json' | 'table' | 'oval' | 'sarif' | 'junit' | 'html';

/** An image on which OVAL was evaluated. */
export interface FoundEvaluation {
  /** The name by which CI systems identify the image. */
  name: string;
  evaluation: OvalEvaluation;
  oval(): readonly OvalResultsData[];
}

const action: Action = { command: 'eval', verb: 'evaluate', done: 'evaluated' };

export const evaluationReports: CountedReports<EvaluationFormat, FoundEvaluation> = {
  formats: {
    json: countedJson(({ evaluation }) => wholeJson(evaluation)),
    table: countedTable(({ evaluation }, { color }) => evaluationTable(evaluation, { color })),
    oval: {
      one: async ({ evaluation, oval }) => {
        const results = largestOval(oval());
        return (await import('../../report/comply/oval-results.ts')).ovalResults(evaluation, results);
      },
    },
    ...countedSharedFormats(action, async () => {
      const { evaluationSubject: subject, evaluationSuite: suite } = await import(
        '../../report/eval/subject.ts'
      );
      return { subject, suite };
    }),
    html: {
      one: async ({ evaluation }) => (await import('../../report/eval/html.ts')).evaluationHtml(evaluation),
      several: async () => {
        const { countedHtml } = await import('../../report/many/counted-html.ts');
        const { definitionFilters, evaluationSection } = await import('../../report/eval/html.ts');
        return countedHtml(
          { ...definitionFilters, noun: ['definition', 'definitions'] },
          ({ evaluation }, prefix) => evaluationSection(evaluation, prefix),
        );
      },
    },
  },
  summary: async () => {
    const { countedSummary } = await import('../../report/many/counted.ts');
    const { definitionBoxes } = await import('../../report/eval/html.ts');
    return countedSummary({
      action,
      headings: { needed: 'TO DO', unjudged: 'UNJUDGED', evaluated: 'EVALUATED' },
      facts: ({ evaluation }) => ({
        counts: countsOf(evaluation),
        boxes: definitionBoxes(evaluation.definitions),
      }),
    });
  },
};

function countsOf({ definitions, counts }: OvalEvaluation): Record<string, number> {
  const all = Object.values(counts).flatMap((own) => Object.values(own));
  return {
    needed: definitions.filter(needsAction).length,
    unjudged: definitions.filter(isUnsettled).length,
    evaluated: all.reduce((sum, count) => sum + count, 0),
  };
}
