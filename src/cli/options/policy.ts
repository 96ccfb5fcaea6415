import {
  isUnrated,
  type ScanResult,
  type Severity,
  severities,
  severityAtLeast,
  type ViewedVerdict,
} from '../../model/index.ts';
import { plural } from '../../report/text-table.ts';
import { choice, flag, group, type OptionValues } from '../option.ts';
import type { Terminal } from '../terminal.ts';

const rated = severities.filter((severity) => severity !== 'unknown');

const instead = { unknown: '--fail-on-unrated fails for flaws that the vendor has not rated' };

/** Options that change what is shown of verdicts and which of them fail. */
export const policyOptions = group('Report and exit code', {
  severity: choice(
    severities,
    `show flaws of at least this severity: ${rated.join(', ')}; unknown: those that the vendor has not rated, ` +
      'which are counted under every other severity',
    { metavar: 'S', noun: 'severity', anyCase: true },
  ),
  'only-fixed': flag('show only flaws that have a fix to install'),
  all: flag('also show what the default view only counts'),
  'fail-on': choice(
    [...rated, 'any'],
    'exit 1 when a flaw has at least this severity, whether or not --severity shows it; any: whatever its rating',
    { metavar: 'S', noun: 'severity', anyCase: true, instead },
  ),
  'fail-on-unrated': flag('exit 1 also for flaws that the vendor has not rated, whatever --severity shows'),
  'fail-on-unknown': flag('exit 1 also for flaws that the vendor has not looked into yet'),
  'allow-uncovered': flag('do not exit 4 because of single packages that the feed has no data for'),
});

/** What is shown of a result, and what makes the command fail. */
export interface Policy {
  /** Also what the default view hides. */
  all: boolean;
  allowUncovered: boolean;
  /** There is a gate at all. */
  gates: boolean;
  shows(verdict: ViewedVerdict): boolean;
  /** It passes --only-fixed, which narrows the gate as well as the view; --severity narrows the view alone. */
  isAllowed(verdict: ViewedVerdict): boolean;
  /** A flaw at or above --fail-on. */
  fails(verdict: ViewedVerdict): boolean;
  unratedFails: boolean;
  unsettledFails: boolean;
}

/** The policy that the options describe. */
export function readPolicy(options: OptionValues<typeof policyOptions>): Policy {
  const { severity: least, all, 'fail-on': failOn } = options;
  const threshold = failOn === 'any' ? undefined : failOn;
  const unsettledFails = options['fail-on-unknown'];
  const unratedFails = options['fail-on-unrated'];
  const onlyFixed = options['only-fixed'];
  const isAllowed = ({ fixState }: ViewedVerdict) => !onlyFixed || fixState === 'available';
  return {
    all,
    allowUncovered: options['allow-uncovered'],
    gates: failOn !== undefined || unratedFails || unsettledFails,
    shows: (verdict) => isShown(verdict.severity, least) && isAllowed(verdict),
    isAllowed,
    fails: ({ status, severity }) =>
      status === 'affected' &&
      (failOn === 'any' || (threshold !== undefined && severityAtLeast(severity, threshold))),
    unratedFails,
    unsettledFails,
  };
}

/** `unknown` is not the lowest severity: it selects what has no rating. */
function isShown(severity: Severity, least: Severity | undefined): boolean {
  if (least === undefined) return true;
  return least === 'unknown' ? severity === 'unknown' : severityAtLeast(severity, least);
}

/** Prints what the policy found and returns the exit code: 4 before 1; errors with 2 and 3 were thrown before. */
export function exitCode(
  result: ScanResult,
  shown: readonly ViewedVerdict[],
  policy: Policy,
  terminal: Terminal,
): number {
  const listed = result.verdicts.filter(({ hidden }) => policy.all || hidden === undefined);
  const gated = listed.filter(policy.isAllowed);
  const say = (count: number, what: string) => terminal.err(`policy: ${plural(count, 'verdict')} ${what}`);

  const failing = new Set(gated.filter(policy.fails));
  const unseen = failing.size - shown.filter((verdict) => failing.has(verdict)).length;
  const rest = unseen === 0 ? '' : `, ${unseen} of them not shown by --severity`;
  if (failing.size > 0) say(failing.size, `at or above --fail-on${rest}`);

  const unrated = gated.filter((verdict) => isUnrated(verdict) && !failing.has(verdict));
  const failingUnrated = policy.unratedFails ? unrated.length : 0;
  if (failingUnrated > 0) say(failingUnrated, 'without a vendor rating (--fail-on-unrated)');
  else if (unrated.length > 0 && policy.gates)
    say(unrated.length, 'without a vendor rating not counted; --fail-on-unrated counts them');

  const unsettled = policy.unsettledFails
    ? result.verdicts.filter(({ status }) => status === 'under_investigation').length
    : 0;
  if (unsettled > 0) say(unsettled, 'that the vendor has not yet looked into (--fail-on-unknown)');

  const gaps = new Set(result.gaps.map(({ code }) => code));
  if (gaps.has('end_of_life')) return 4;
  if (gaps.has('unread_context')) {
    terminal.err(
      'not covered: what the image says of its products is not known; run as a user who may read it all',
    );
    return 4;
  }
  if (gaps.has('uncovered_packages') && !policy.allowUncovered) {
    const packages = plural(result.uncovered.length, 'package');
    terminal.err(`not covered: ${packages} without data in this feed; --allow-uncovered accepts that`);
    return 4;
  }
  return failing.size + failingUnrated + unsettled > 0 ? 1 : 0;
}
