import {
  type AssessmentOrigin,
  type AssessmentOriginId,
  gateExitCodes,
  incompleteDatabase,
  isUnrated,
  type PolicyOutcome,
  type ScanResult,
  ScapfeedError,
  type Severity,
  severities,
  severityAtLeast,
  type ViewedVerdict,
} from '../../model/index.ts';
import { withoutRating } from '../../report/rating-text.ts';
import { type Flaw, flawsOf } from '../../report/scan/flaws.ts';
import { gateVerdict } from '../../report/signed-verdict.ts';
import { plural } from '../../report/text-table.ts';
import { verdictOrders } from '../../runtime/index.ts';
import {
  choice,
  flag,
  type Given,
  group,
  type OptionValues,
  oneOf,
  repeatable,
  unexpected,
  type ValueOption,
} from '../option.ts';
import { unreadContextMessage } from './subject.ts';

const rated = severities.filter((severity) => severity !== 'unknown');

const thresholds = [...rated, 'any', 'kev', 'epss=P', 'risk=N'] as const;

const instead = {
  unknown: '--fail-on-unrated fails for flaws that nobody has rated',
  epss: 'name the least probability that fails: epss=0.1',
  risk: 'name the least risk that fails: risk=50',
};

/** One --fail-on: which flaws fail, and which it cannot tell about. */
interface Threshold {
  /** As it was given, for messages. */
  text: string;
  /** Severities share a line of the report. */
  severity?: true;
  fails(verdict: ViewedVerdict): boolean;
  /** What a verdict is measured by; one without it may or may not fail. */
  measure?: 'epss' | 'risk';
  /** A feed without this source knows nothing to measure by. */
  needs?: AssessmentOriginId;
}

const failOn: ValueOption<Threshold> = {
  kind: 'choice',
  metavar: 'WHAT',
  help:
    'exit 1 when a flaw has at least this severity, whether or not --severity shows it; any: whatever its rating; ' +
    'kev: it is known to be exploited; epss=0.1: the probability that it is exploited is at least this; risk=50: its ' +
    'risk is at least this (of 100)',
  words: thresholds,
  readOne: readThreshold,
  read: (texts, as) => (texts.length === 0 ? undefined : readThreshold(texts.at(-1)!, as)),
};

/** Options that change what is shown of verdicts and which of them fail. */
export const policyOptions = group('Report and exit code', {
  severity: choice(
    severities,
    `show flaws of at least this severity: ${rated.join(', ')}; unknown: those that nobody has rated, ` +
      'which are counted under every other severity',
    { metavar: 'S', noun: 'severity', anyCase: true },
  ),
  sort: choice(
    verdictOrders,
    'sort by % (default: known exploited flaws first, then by severity, then by risk)',
    { metavar: 'BY', noun: 'order', anyCase: true },
  ),
  'only-fixed': flag('show only flaws that have a fix to install'),
  by: choice(
    ['flaw', 'package'],
    'what a row of the table is: a flaw, or a source package and what to upgrade it to: %',
    {
      metavar: 'WHAT',
      noun: 'kind of row',
    },
  ),
  all: flag('also show what the default view only counts'),
  'fail-on': repeatable(failOn, { commas: true }),
  'fail-on-unrated': flag('exit 1 also for flaws that nobody has rated, whatever --severity shows'),
  'fail-on-unknown': flag('exit 1 also for flaws that the vendor has not looked into yet'),
  'fail-on-unjudged': flag('exit 1 also for packages that no feed judges, such as those of npm and Python'),
  'allow-uncovered': flag('do not exit 4 because of single packages that the feed has no data for'),
});

/** What is shown of a result, and what makes the command fail. */
export interface Policy {
  /** Also what the default view hides. */
  all: boolean;
  allowUncovered: boolean;
  shows(verdict: ViewedVerdict): boolean;
  /** It passes --only-fixed, which narrows the gate as well as the view; --severity narrows the view alone. */
  isAllowed(verdict: ViewedVerdict): boolean;
  thresholds: readonly Threshold[];
  /** The gate fails for it; without a gate, whatever is affected. */
  reports(verdict: ViewedVerdict): boolean;
  unratedFails: boolean;
  unsettledFails: boolean;
  unjudgedFails: boolean;
}

/** The policy that the options describe. */
export function readPolicy(options: OptionValues<typeof policyOptions>): Policy {
  const { severity: least, all } = options;
  const onlyFixed = options['only-fixed'];
  const isAllowed = ({ fixState }: ViewedVerdict) => !onlyFixed || fixState === 'available';
  const thresholds = options['fail-on'] ?? [];
  const unratedFails = options['fail-on-unrated'];
  const unsettledFails = options['fail-on-unknown'];
  const gates = thresholds.length > 0 || unratedFails || unsettledFails;
  return {
    all,
    allowUncovered: options['allow-uncovered'],
    shows: (verdict) => isShown(verdict.severity, least) && isAllowed(verdict),
    isAllowed,
    thresholds,
    reports: (verdict) => {
      if (verdict.status === 'under_investigation') return unsettledFails;
      if (verdict.status !== 'affected') return false;
      if (!gates) return true;
      return thresholds.some(({ fails }) => fails(verdict)) || (unratedFails && isUnrated(verdict));
    },
    unratedFails,
    unsettledFails,
    unjudgedFails: options['fail-on-unjudged'],
  };
}

function readThreshold(text: string, as: Given): Threshold {
  const given = text.toLowerCase();
  const [, name, number = ''] = /^(epss|risk)=(.*)$/.exec(given) ?? [];
  if (name === 'epss') {
    const least = numberUpTo(1, number);
    if (least === undefined) throw unexpected(as, 'a probability above 0, up to 1', text, instead.epss);
    return {
      text: given,
      fails: ({ epss }) => epss !== undefined && epss.probability >= least,
      measure: 'epss',
      needs: 'epss',
    };
  }
  if (name === 'risk') {
    const least = numberUpTo(100, number);
    if (least === undefined) throw unexpected(as, 'a risk above 0, up to 100', text, instead.risk);
    return {
      text: given,
      fails: ({ risk }) => risk !== undefined && risk >= least,
      measure: 'risk',
      needs: 'epss',
    };
  }
  const word = oneOf(thresholds.slice(0, -2) as Word[], given, as, { noun: 'threshold', instead });
  if (word === 'kev') return { text: word, fails: ({ exploited }) => exploited !== undefined, needs: 'kev' };
  if (word === 'any') return { text: word, severity: true, fails: () => true };
  return { text: word, severity: true, fails: ({ severity }) => severityAtLeast(severity, word) };
}

type Word = Exclude<(typeof thresholds)[number], 'epss=P' | 'risk=N'>;

function numberUpTo(most: number, text: string): number | undefined {
  const value = /^\d{1,3}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  return value > 0 && value <= most ? value : undefined;
}

/** `unknown` is not the lowest severity: it selects what has no rating. */
function isShown(severity: Severity, least: Severity | undefined): boolean {
  if (least === undefined) return true;
  return least === 'unknown' ? severity === 'unknown' : severityAtLeast(severity, least);
}

/**
 * A gate that nothing in the feed can trip would let every image through.
 * @throws {ScapfeedError} FEED_LACKS_SOURCE
 */
export function requireSources(
  { thresholds: asked }: Policy,
  assessments: readonly AssessmentOrigin[],
): void {
  const blind = asked.find(({ needs }) => needs !== undefined && !assessments.some(({ id }) => id === needs));
  if (!blind) return;
  throw new ScapfeedError({
    code: 'FEED_LACKS_SOURCE',
    message: `--fail-on ${blind.text} needs the source ${blind.needs}, which this feed does not have`,
    remedy: `use a feed that was built with it, and was not pulled without it; or leave --fail-on ${blind.text} out`,
  });
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
  const say = (count: number, what: string) => {
    if (count > 0) messages.push(`policy: ${plural(count, 'flaw')} ${what}`);
  };
  const counted = result.verdicts.filter(({ ignored }) => ignored === undefined);
  const listed = counted.filter(({ hidden }) => policy.all || hidden === undefined);
  const gated = flawsOf(
    listed.filter((verdict) => verdict.status === 'affected' && policy.isAllowed(verdict)),
  );

  const failing = failingFlaws(gated, new Set(shown), policy, say);
  const left = gated.filter((flaw) => !failing.has(flaw));
  const unscored = unscoredFlaws(left, policy, say);

  const unrated = left.filter(({ verdict }) => isUnrated(verdict)).length;
  const rating = withoutRating(result.severityFrom);
  const asksForRatings = policy.unsettledFails || policy.thresholds.some(({ severity }) => severity);
  if (policy.unratedFails) say(unrated, `${rating} (--fail-on-unrated)`);
  else if (asksForRatings) say(unrated, `${rating} not counted; --fail-on-unrated counts them`);

  const unsettled = policy.unsettledFails
    ? flawsOf(counted.filter(({ status }) => status === 'under_investigation')).length
    : 0;
  say(unsettled, 'that the vendor has not yet looked into (--fail-on-unknown)');

  const unjudged = result.unjudged.reduce((sum, { packages }) => sum + packages, 0);
  const unjudgedFails = policy.unjudgedFails && unjudged > 0;
  if (unjudgedFails)
    messages.push(`policy: ${plural(unjudged, 'package')} that no feed judges (--fail-on-unjudged)`);

  const fails = failing.size + (policy.unratedFails ? unrated : 0) + unsettled > 0 || unjudgedFails;
  const notCovered = coverage(result, policy, messages);
  const signed = result.signed ? gateExitCodes[result.signed.verdict] : 0;
  if (result.signed && signed > 0) messages.push(`signatures: ${gateVerdict(result.signed)}`);
  return {
    messages,
    outcome: {
      failOn: policy.thresholds.map(({ text }) => text).join(',') || null,
      failOnUnrated: policy.unratedFails,
      failOnUnknown: policy.unsettledFails,
      failOnUnjudged: policy.unjudgedFails,
      allowUncovered: policy.allowUncovered,
      failing: failing.size,
      unrated,
      unscored,
      unsettled,
      unjudged,
      exitCode: notCovered || signed === 4 ? 4 : fails || signed === 1 ? 1 : 0,
    },
  };
}

type Say = (count: number, what: string) => void;

/** The flaws that --fail-on names. Severities are told in one line, every other threshold in its own. */
function failingFlaws(
  flaws: readonly Flaw[],
  shown: ReadonlySet<ViewedVerdict>,
  { thresholds }: Policy,
  say: Say,
): Set<Flaw> {
  const failing = new Set<Flaw>();
  const fail = (isNamed: (verdict: ViewedVerdict) => boolean, what: string) => {
    const named = flaws.filter(({ verdict }) => isNamed(verdict));
    for (const flaw of named) failing.add(flaw);
    const unseen = named.filter(({ verdict }) => !shown.has(verdict)).length;
    say(named.length, what + (unseen === 0 ? '' : `, ${unseen} of them not shown by --severity`));
  };
  const ofSeverity = thresholds.filter(({ severity }) => severity);
  fail((verdict) => ofSeverity.some(({ fails }) => fails(verdict)), 'at or above --fail-on');
  for (const { text, severity, fails } of thresholds) {
    if (severity) continue;
    fail(fails, text === 'kev' ? 'known to be exploited (--fail-on kev)' : `at or above --fail-on ${text}`);
  }
  return failing;
}

/** How many of the flaws that do not fail might, had they what --fail-on measures. */
function unscoredFlaws(flaws: readonly Flaw[], { thresholds }: Policy, say: Say): number {
  const unscored = new Set<Flaw>();
  for (const { text, measure } of thresholds) {
    if (!measure) continue;
    const blind = flaws.filter(({ verdict }) => verdict[measure] === undefined);
    for (const flaw of blind) unscored.add(flaw);
    say(blind.length, `without ${measureWords[measure]} not counted by --fail-on ${text}`);
  }
  return unscored.size;
}

const measureWords = { epss: 'an EPSS score', risk: 'a risk' } as const;

/** Whether the result does not describe the whole image, which comes before any flaw. */
function coverage({ gaps, uncovered }: ScanResult, policy: Policy, messages: string[]): boolean {
  const codes = new Set(gaps.map(({ code }) => code));
  if (codes.has('end_of_life')) return true;
  if (codes.has('unread_context')) {
    messages.push(unreadContextMessage);
    return true;
  }
  if (codes.has('uncovered_packages') && !policy.allowUncovered) {
    const packages = plural(uncovered.length, 'package');
    messages.push(`not covered: ${packages} without data in this feed; --allow-uncovered accepts that`);
    return true;
  }
  return codes.has(incompleteDatabase);
}
