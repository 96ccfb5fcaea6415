import {
  incompleteDatabase,
  isUnrated,
  type PolicyOutcome,
  type ScanResult,
  type Severity,
  severities,
  severityAtLeast,
  type ViewedVerdict,
} from '../../model/index.ts';
import { flawsOf } from '../../report/scan/flaws.ts';
import { plural } from '../../report/text-table.ts';
import { choice, flag, group, type OptionValues } from '../option.ts';

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
  failOn: Severity | 'any' | undefined;
  /** There is a gate at all. */
  gates: boolean;
  shows(verdict: ViewedVerdict): boolean;
  /** It passes --only-fixed, which narrows the gate as well as the view; --severity narrows the view alone. */
  isAllowed(verdict: ViewedVerdict): boolean;
  /** A flaw at or above --fail-on. */
  fails(verdict: ViewedVerdict): boolean;
  /** The gate fails for it; without a gate, whatever is affected. */
  reports(verdict: ViewedVerdict): boolean;
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
  const fails = ({ status, severity }: ViewedVerdict) =>
    status === 'affected' &&
    (failOn === 'any' || (threshold !== undefined && severityAtLeast(severity, threshold)));
  const gates = failOn !== undefined || unratedFails || unsettledFails;
  return {
    all,
    failOn,
    allowUncovered: options['allow-uncovered'],
    gates,
    shows: (verdict) => isShown(verdict.severity, least) && isAllowed(verdict),
    isAllowed,
    fails,
    reports: (verdict) => {
      if (!gates) return verdict.status === 'affected';
      if (unsettledFails && verdict.status === 'under_investigation') return true;
      return fails(verdict) || (unratedFails && isUnrated(verdict));
    },
    unratedFails,
    unsettledFails,
  };
}

/** `unknown` is not the lowest severity: it selects what has no rating. */
function isShown(severity: Severity, least: Severity | undefined): boolean {
  if (least === undefined) return true;
  return least === 'unknown' ? severity === 'unknown' : severityAtLeast(severity, least);
}

/** What the policy makes of a result, and what is said of it on stderr. */
export interface PolicyJudgement {
  outcome: PolicyOutcome;
  messages: readonly string[];
}

/** Judges a result by the policy; the exit code is 4 before 1. Errors with 2 and 3 were thrown before. */
export function judgePolicy(
  result: ScanResult,
  shown: readonly ViewedVerdict[],
  policy: Policy,
): PolicyJudgement {
  const messages: string[] = [];
  const say = (count: number, what: string) => messages.push(`policy: ${plural(count, 'flaw')} ${what}`);
  const counted = result.verdicts.filter(({ ignored }) => ignored === undefined);
  const listed = counted.filter(({ hidden }) => policy.all || hidden === undefined);
  const gated = flawsOf(listed.filter(policy.isAllowed));

  const failing = gated.filter(({ verdict }) => policy.fails(verdict));
  const seen = new Set(shown);
  const unseen = failing.filter(({ verdict }) => !seen.has(verdict)).length;
  const rest = unseen === 0 ? '' : `, ${unseen} of them not shown by --severity`;
  if (failing.length > 0) say(failing.length, `at or above --fail-on${rest}`);

  const unrated = gated.filter(({ verdict }) => isUnrated(verdict) && !policy.fails(verdict)).length;
  if (unrated > 0 && policy.unratedFails) say(unrated, 'without a vendor rating (--fail-on-unrated)');
  else if (unrated > 0 && policy.gates)
    say(unrated, 'without a vendor rating not counted; --fail-on-unrated counts them');

  const unsettled = policy.unsettledFails
    ? flawsOf(counted.filter(({ status }) => status === 'under_investigation')).length
    : 0;
  if (unsettled > 0) say(unsettled, 'that the vendor has not yet looked into (--fail-on-unknown)');

  const fails = failing.length + (policy.unratedFails ? unrated : 0) + unsettled > 0;
  const notCovered = coverage(result, policy, messages);
  return {
    messages,
    outcome: {
      failOn: policy.failOn ?? null,
      failOnUnrated: policy.unratedFails,
      failOnUnknown: policy.unsettledFails,
      allowUncovered: policy.allowUncovered,
      failing: failing.length,
      unrated,
      unsettled,
      exitCode: notCovered ? 4 : fails ? 1 : 0,
    },
  };
}

/** Whether the result does not describe the whole image, which comes before any flaw. */
function coverage({ gaps, uncovered }: ScanResult, policy: Policy, messages: string[]): boolean {
  const codes = new Set(gaps.map(({ code }) => code));
  if (codes.has('end_of_life')) return true;
  if (codes.has('unread_context')) {
    messages.push(
      'not covered: what the image says of its products is not known; run as a user who may read it all',
    );
    return true;
  }
  if (codes.has('uncovered_packages') && !policy.allowUncovered) {
    const packages = plural(uncovered.length, 'package');
    messages.push(`not covered: ${packages} without data in this feed; --allow-uncovered accepts that`);
    return true;
  }
  return codes.has(incompleteDatabase);
}
