import {
  didYouMean,
  isSeverity,
  isUnrated,
  type ScanResult,
  type Severity,
  severities,
  severityAtLeast,
  type ViewedVerdict,
} from '../../model/index.ts';
import { plural } from '../../report/text-table.ts';
import { type OptionValues, usage } from '../command.ts';
import type { Terminal } from '../terminal.ts';

/** Options that change what is shown of verdicts and which of them fail. */
export const policyOptions = {
  severity: { type: 'string' },
  'only-fixed': { type: 'boolean' },
  all: { type: 'boolean' },
  'fail-on': { type: 'string' },
  'fail-on-unknown': { type: 'boolean' },
  'fail-on-unrated': { type: 'boolean' },
  'allow-uncovered': { type: 'boolean' },
} as const;

const rated = severities.slice(1).join(', ');

export const policyHelp = `  --severity S       show flaws of at least this severity: ${rated}; unknown: those that the
                     vendor has not rated, which are counted under every other S
  --only-fixed       show only flaws that have a fix to install
  --all              also show what the default view only counts
  --fail-on S        exit 1 when a flaw has at least this severity, whether or not --severity shows it; any: whatever its
                     rating
  --fail-on-unrated  exit 1 also for flaws that the vendor has not rated, whatever --severity shows
  --fail-on-unknown  exit 1 also for flaws not yet looked into by the vendor
  --allow-uncovered  do not exit 4 because of single packages that the feed has no data for
`;

/** What of a result is shown, and what makes the command fail. */
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

/** The policy that the options spell. */
export function readPolicy(values: OptionValues): Policy {
  const least = severityOption(values, 'severity');
  const anySeverity = values['fail-on'] === 'any';
  const threshold = anySeverity ? undefined : severityOption(values, 'fail-on');
  const unsettledFails = values['fail-on-unknown'] === true;
  const unratedFails = values['fail-on-unrated'] === true;
  const onlyFixed = values['only-fixed'] === true;
  const isAllowed = ({ fixState }: ViewedVerdict) => !onlyFixed || fixState === 'available';
  return {
    all: values['all'] === true,
    allowUncovered: values['allow-uncovered'] === true,
    gates: values['fail-on'] !== undefined || unratedFails || unsettledFails,
    shows: (verdict) => isShown(verdict.severity, least) && isAllowed(verdict),
    isAllowed,
    fails: ({ status, severity }) =>
      status === 'affected' &&
      (anySeverity || (threshold !== undefined && severityAtLeast(severity, threshold))),
    unratedFails,
    unsettledFails,
  };
}

/** `unknown` is no lowest severity: it asks for what has none. */
function isShown(severity: Severity, least: Severity | undefined): boolean {
  if (least === undefined) return true;
  return least === 'unknown' ? severity === 'unknown' : severityAtLeast(severity, least);
}

function severityOption(values: OptionValues, name: string): Severity | undefined {
  const text = values[name] as string | undefined;
  if (text === undefined) return undefined;
  const word = text.toLowerCase();
  if (isSeverity(word) && (word !== 'unknown' || name === 'severity')) return word;
  throw usage(
    { name: 'scan' },
    `--${name} ${text} is no severity`,
    word === 'unknown'
      ? '--fail-on-unrated fails for flaws that the vendor has not rated'
      : didYouMean(word, severities.slice(1)),
  );
}

/** Says what tripped the policy. Of several conditions the first of 4 and 1 counts; 2 and 3 were thrown before. */
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
  if (gaps.has('uncovered_packages') && !policy.allowUncovered) {
    const packages = plural(result.uncovered.length, 'package');
    terminal.err(`not covered: ${packages} without data in this feed; --allow-uncovered accepts that`);
    return 4;
  }
  return failing.size + failingUnrated + unsettled > 0 ? 1 : 0;
}
