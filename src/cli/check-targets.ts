import type { PolicyUse, ScanResult } from '../model/index.ts';
import { checkBoxes, checkFilters, checkSection } from '../report/check/html.ts';
import { checkJson } from '../report/check/json.ts';
import { countedJson, countedTable } from '../report/many/counted.ts';
import { countedHtml, countedSection } from '../report/many/counted-html.ts';
import { countedTargets } from './counted-targets.ts';
import type { TargetRun } from './for-targets.ts';
import type { FoundCheck } from './found-check.ts';
import type { FormatOf } from './output-formats.ts';
import { ruleCounts } from './rule-counts.ts';

const words = { ...checkFilters, noun: ['entry', 'entries'] } as const;

/** Judges packages and configuration of several images. */
export function checkTargets(run: TargetRun<FormatOf<'check'>, FoundCheck>): Promise<number> {
  return countedTargets<FormatOf<'check'>, FoundCheck>(run, {
    deed: { command: 'check', verb: 'check', done: 'checked' },
    headings: {
      flaws: 'FLAWS',
      fixable: 'FIXABLE',
      fail: 'FAILED',
      waived: 'WAIVED',
      unjudged: 'UNJUDGED',
      pass: 'PASSED',
    },
    facts: ({ report, result }) => {
      const { flaws, fixable } = report.counts();
      return { counts: { flaws, fixable, ...ruleCounts(result) }, boxes: checkBoxes(report, result) };
    },
    policy: policyOf,
    formats: {
      table: {
        part: ({ table, report, result: { policy: _, ...alone } }, view) => [
          table(view, withoutPolicy(report.result), alone),
        ],
        whole: countedTable,
      },
      json: { part: ({ report, result }) => checkJson(report, result), whole: countedJson },
      html: {
        part: ({ report, result }, of) =>
          countedSection(of, {
            heading: result.profile?.title ?? result.benchmark.title,
            ...checkSection(report, result, `image-${of.at + 1}-`),
          }),
        whole: (many) => countedHtml(many, words),
      },
    },
  });
}

/** The entries that flaws use, then the waivers that rules use. */
function policyOf({ report, result }: FoundCheck): PolicyUse | undefined {
  const { policy } = report.result.exceptions ?? {};
  if (!policy || !result.policy) return policy ?? result.policy;
  return { ...policy, entries: [...policy.entries, ...result.policy.entries] };
}

function withoutPolicy(result: ScanResult): ScanResult {
  const { policy: _, ...exceptions } = result.exceptions ?? {};
  return { ...result, exceptions };
}
