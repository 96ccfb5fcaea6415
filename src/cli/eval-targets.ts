import { isUnsettled, needsAction, type OvalEvaluation } from '../model/index.ts';
import {
  definitionBoxes,
  definitionFilters,
  definitionSection,
  evaluationFacts,
} from '../report/eval/html.ts';
import { evaluationJson } from '../report/eval/json.ts';
import { evaluationSuite } from '../report/eval/junit.ts';
import { byUrgency } from '../report/eval/order.ts';
import { evaluationRun } from '../report/eval/sarif.ts';
import { countedJson, countedTable } from '../report/many/counted.ts';
import { countedHtml, countedSection } from '../report/many/counted-html.ts';
import type { Deed } from '../report/many/results.ts';
import { resultsJunit } from '../report/many/results-junit.ts';
import { resultsSarif, sarifPart } from '../report/many/results-sarif.ts';
import { countedTargets } from './counted-targets.ts';
import type { TargetRun } from './for-targets.ts';
import type { FoundEvaluation } from './found-evaluation.ts';
import type { FormatOf } from './output-formats.ts';

const deed: Deed = { command: 'eval', verb: 'evaluate', done: 'evaluated' };
const words = { ...definitionFilters, noun: ['definition', 'definitions'] } as const;

/** Evaluates OVAL on several images. */
export function evaluationTargets(run: TargetRun<FormatOf<'eval'>, FoundEvaluation>): Promise<number> {
  return countedTargets<FormatOf<'eval'>, FoundEvaluation>(run, {
    deed,
    headings: { needed: 'TO DO', unjudged: 'UNJUDGED', evaluated: 'EVALUATED' },
    facts: ({ evaluation }) => ({
      counts: countsOf(evaluation),
      boxes: definitionBoxes(evaluation.definitions),
    }),
    formats: {
      table: { part: ({ table }, view) => [table(view)], whole: countedTable },
      json: { part: ({ evaluation }) => [evaluationJson(evaluation)], whole: countedJson },
      sarif: {
        part: ({ evaluation, name }, of) => sarifPart(evaluationRun(evaluation, name), of),
        whole: (many) => resultsSarif(many, deed, { totals: many.totals }),
      },
      junit: {
        part: ({ evaluation, name }) => [`${evaluationSuite(evaluation, name, `${name}.`)}\n`],
        whole: ({ targets }) => resultsJunit(targets, deed),
      },
      html: {
        part: ({ evaluation }, of) => {
          const rows = byUrgency(evaluation.definitions);
          return countedSection(of, {
            heading: evaluation.content.name,
            facts: evaluationFacts(evaluation),
            entries: rows.map((row) => definitionSection(row, `image-${of.at + 1}-`)),
          });
        },
        whole: (many) => countedHtml(many, words),
      },
    },
  });
}

function countsOf({ definitions, counts }: OvalEvaluation): Record<string, number> {
  const all = Object.values(counts).flatMap((own) => Object.values(own));
  return {
    needed: definitions.filter(needsAction).length,
    unjudged: definitions.filter(isUnsettled).length,
    evaluated: all.reduce((sum, count) => sum + count, 0),
  };
}
