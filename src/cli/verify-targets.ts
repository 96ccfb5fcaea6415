import type { DeviationKind, Verification } from '../model/index.ts';
import { countedJson, countedTable } from '../report/many/counted.ts';
import type { Deed } from '../report/many/results.ts';
import { resultsJunit } from '../report/many/results-junit.ts';
import { resultsSarif, sarifPart } from '../report/many/results-sarif.ts';
import { verificationJson } from '../report/verify/json.ts';
import { verificationSuite } from '../report/verify/junit.ts';
import { verificationRun } from '../report/verify/sarif.ts';
import { countedTargets } from './counted-targets.ts';
import type { TargetRun } from './for-targets.ts';
import type { FoundVerification } from './found-verification.ts';
import type { FormatOf } from './output-formats.ts';
import { toolVersion } from './version.ts';

const deed: Deed = { command: 'verify', verb: 'verify', done: 'verified' };

/** Compares the files of several images with their packages. */
export function verifyTargets(run: TargetRun<FormatOf<'verify'>, FoundVerification>): Promise<number> {
  return countedTargets<FormatOf<'verify'>, FoundVerification>(run, {
    deed,
    headings: {
      unowned: 'UNOWNED',
      changed: 'CHANGED',
      missing: 'MISSING',
      config: 'CONFIG',
      rights: 'RIGHTS',
    },
    facts: ({ result }) => ({ counts: countsOf(result) }),
    policy: ({ result }) => result.policy,
    formats: {
      table: {
        part: ({ table, result: { policy: _, ...alone } }, view) => [table(view, alone)],
        whole: countedTable,
      },
      json: { part: ({ result }) => [verificationJson(result)], whole: countedJson },
      sarif: {
        part: ({ result, name }, of) => sarifPart(verificationRun(result, toolVersion, name), of),
        whole: (many) => resultsSarif(many, deed, { totals: many.totals }),
      },
      junit: {
        part: ({ result, name }) => verificationSuite(result, name, `${name}.`),
        whole: ({ targets }) => resultsJunit(targets, deed),
      },
    },
  });
}

function countsOf({ deviations }: Verification): Record<string, number> {
  const count = (...kinds: readonly DeviationKind[]) =>
    deviations.filter(({ kind }) => kinds.includes(kind)).length;
  return {
    unowned: count('unowned'),
    changed: count('changed'),
    missing: count('missing'),
    config: count('config'),
    rights: count('setuid', 'capability', 'world-writable', 'attributes'),
  };
}
