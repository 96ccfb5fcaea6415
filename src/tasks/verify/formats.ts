import type { DeviationKind, Verification } from '../../model/verdict/index.ts';
import { wholeJson } from '../../report/formats/json.ts';
import type { Action } from '../../report/many/results.ts';
import { verificationTable } from '../../report/verify/table.ts';
import type { ReportView } from '../../report/writers.ts';
import { type CountedReports, countedJson, countedSharedFormats, countedTable } from '../formats.ts';
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
    json: countedJson(({ result }) => wholeJson(result)),
    ...countedSharedFormats(action, async () => {
      const { verificationSubject, verificationSuite } = await import('../../report/verify/subject.ts');
      return {
        subject: (found: FoundVerification) => verificationSubject(found, toolVersion),
        suite: verificationSuite,
      };
    }),
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
