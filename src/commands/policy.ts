import {
  isSeverity,
  type ScanResult,
  type Severity,
  severities,
  severityAtLeast,
  type ViewedVerdict,
} from '../model/index.ts';
import { plural } from '../report/text-table.ts';
import { nearest, type OptionValues, usage } from './command.ts';
import type { Terminal } from './terminal.ts';

/** Options that change what is shown of verdicts and which of them fail. */
export const policyOptions = {
  severity: { type: 'string' },
  'only-fixed': { type: 'boolean' },
  all: { type: 'boolean' },
  'fail-on': { type: 'string' },
  'fail-on-unknown': { type: 'boolean' },
  'allow-uncovered': { type: 'boolean' },
} as const;

export const policyHelp = `  --severity S       show flaws of at least this severity: ${severities.slice(1).join(', ')}
  --only-fixed       show only flaws that have a fix to install
  --all              also show what the default view only counts
  --fail-on S        exit 1 when a shown flaw has at least this severity; any: whatever its rating
  --fail-on-unknown  exit 1 also for flaws not yet looked into by the vendor
  --allow-uncovered  do not exit 4 because of single packages that the feed has no data for
`;

/** What of a result is shown, and what makes the command fail. */
export interface Policy {
  /** Also what the default view hides. */
  all: boolean;
  allowUncovered: boolean;
  shows(verdict: ViewedVerdict): boolean;
  fails(verdict: ViewedVerdict): boolean;
  /** The threshold is a severity, which a flaw without a rating never reaches. */
  ignoresUnrated: boolean;
}

/** The policy that the options spell. */
export function readPolicy(values: OptionValues): Policy {
  const least = severityOption(values, 'severity');
  const anySeverity = values['fail-on'] === 'any';
  const threshold = anySeverity ? undefined : severityOption(values, 'fail-on');
  const unsettledFails = values['fail-on-unknown'] === true;
  return {
    all: values['all'] === true,
    allowUncovered: values['allow-uncovered'] === true,
    ignoresUnrated: threshold !== undefined,
    shows: (verdict) =>
      (least === undefined || severityAtLeast(verdict.severity, least)) &&
      (values['only-fixed'] !== true || verdict.fixState === 'available'),
    fails(verdict) {
      if (verdict.status === 'under_investigation') return unsettledFails;
      if (verdict.status !== 'affected') return false;
      return anySeverity || (threshold !== undefined && severityAtLeast(verdict.severity, threshold));
    },
  };
}

function severityOption(values: OptionValues, name: string): Severity | undefined {
  const text = values[name] as string | undefined;
  if (text === undefined) return undefined;
  const word = text.toLowerCase();
  if (isSeverity(word) && word !== 'unknown') return word;
  const near = nearest(word, severities.slice(1));
  throw usage(
    { name: 'scan' },
    `--${name} ${text} is no severity`,
    near ? `did you mean ${near}?` : `use one of ${severities.slice(1).join(', ')}`,
  );
}

/** Says what tripped the policy. Of several conditions the first of 4 and 1 counts; 2 and 3 were thrown before. */
export function exitCode(
  result: ScanResult,
  shown: readonly ViewedVerdict[],
  policy: Policy,
  terminal: Terminal,
): number {
  const unsettled = result.verdicts.filter(({ hidden }) => hidden === 'unsettled' && !policy.all);
  const failing = [...shown, ...unsettled].filter(policy.fails);
  if (failing.length > 0)
    terminal.err(`policy: ${plural(failing.length, 'verdict')} at or above --fail-on\n`);
  const unrated = shown.filter(({ severity, status }) => severity === 'unknown' && status === 'affected');
  if (unrated.length > 0 && policy.ignoresUnrated) {
    terminal.err(
      `policy: ${plural(unrated.length, 'flaw')} without a vendor rating not counted; --fail-on any counts them\n`,
    );
  }
  if (result.platform.phase === 'end_of_life') return 4;
  if (result.uncovered.length > 0 && !policy.allowUncovered) {
    const packages = plural(result.uncovered.length, 'package');
    terminal.err(`not covered: ${packages} without data in this feed; --allow-uncovered accepts that\n`);
    return 4;
  }
  return failing.length > 0 ? 1 : 0;
}
