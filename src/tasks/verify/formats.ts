import type { DeviationKind, Verification } from '../../model/index.ts';
import type { Action } from '../../report/many/results.ts';
import { verificationJson } from '../../report/verify/json.ts';
import { verificationTable } from '../../report/verify/table.ts';
import type { ReportView } from '../../report/writers.ts';
import { type CountedReports, countedJson, countedTable } from '../formats.ts';
import { toolVersion } from '../tool-version.ts';

/** The report formats of a comparison of files. */
export type VerificationFormat = 'table' | 'json' | 'sarif' | 'junit';

/** An image whose files were compared. */
export interface FoundVerification {
  /** The name by which CI systems identify the image. */
  name: string;
  result: Verification;
  /** The table lists every deviation. */
  all: boolean;
}

const action: Action = { command: 'verify', verb: 'verify', done: 'verified' };

export const verificationReports: CountedReports<VerificationFormat, FoundVerification> = {
  formats: {
    table: countedTable(tableOf, ({ result: { policy: _, ...result }, ...found }, view) =>
      tableOf({ ...found, result }, view),
    ),
    json: countedJson(({ result }) => verificationJson(result)),
    sarif: {
      one: async ({ result, name }) =>
        (await import('../../report/verify/sarif.ts')).verificationSarif(result, toolVersion, name),
      several: async () => {
        const { mergedSarif } = await import('../../report/many/results-sarif.ts');
        const { verificationRun } = await import('../../report/verify/sarif.ts');
        return mergedSarif(
          action,
          ({ result, name }) => verificationRun(result, toolVersion, name),
          ({ totals }) => ({ totals }),
        );
      },
    },
    junit: {
      one: async ({ result, name }) =>
        (await import('../../report/verify/junit.ts')).verificationJunit(result, name),
      several: async () => {
        const { mergedJunit } = await import('../../report/many/results-junit.ts');
        const { verificationSuite } = await import('../../report/verify/junit.ts');
        return mergedJunit(action, ({ result, name }, prefix) => verificationSuite(result, name, prefix));
      },
    },
  },
  summary: async () =>
    (await import('../../report/many/counted.ts')).countedSummary({
      action,
      headings: {
        unowned: 'UNOWNED',
        changed: 'CHANGED',
        missing: 'MISSING',
        config: 'CONFIG',
        rights: 'RIGHTS',
      },
      facts: ({ result }) => ({ counts: countsOf(result) }),
      policy: ({ result }) => result.policy,
    }),
};

function tableOf({ result, all }: FoundVerification, { color }: ReportView): string {
  return verificationTable(result, { color, all });
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
