import { judges } from '../../distros/judges.ts';
import { ScapfeedError } from '../../model/error.ts';
import {
  type Advisory,
  type Manifest,
  type Platform,
  type Severity,
  severityAtLeast,
} from '../../model/feed/index.ts';
import { hasUnsearched, isOfEcosystem } from '../../model/inventory/index.ts';
import {
  type AssessmentOrigin,
  type AssessmentOriginId,
  countedFlaws,
  type Flaw,
  type Gap,
  gapsOfLanguages,
  gateExitCodes,
  isMalicious,
  isUnrated,
  openGaps,
  type PolicyOutcome,
  type ScanResult,
  uncoveredSystem,
  unsearchedGap,
  type ViewedVerdict,
} from '../../model/verdict/index.ts';
import { endOfLifeText, gapWords } from '../../report/gap-text.ts';
import { withoutRating } from '../../report/rating-text.ts';
import { fixDate } from '../../report/scan/fix-date.ts';
import { acceptedTexts } from '../../report/scan/left-open.ts';
import { gateVerdict } from '../../report/signed-verdict.ts';
import { plural, thousands } from '../../report/text-table.ts';
import { hasData } from '../../runtime/index.ts';
import type { OptionSpelling } from '../outcome.ts';
import type { OrUndefined } from '../parameters.ts';
import type { ScanPolicyOptions } from './options.ts';
import { type FailThreshold, type OpenWord, type ThresholdWord, wordThreshold } from './thresholds.ts';

/** Message of a command before it ends with 4 because of the gap `unread_context`. */
const unreadContextMessage =
  'not covered: what the image says of its products is not known; run as a user who may read it all';

/**
 * Messages of a command before it ends with 4 because of these gaps. `accepted`: added where the command has an option that
 * accepts the gap.
 */
export function gapMessages(gaps: readonly Gap[], { name }: Pick<Platform, 'name'>, accepted = ''): string[] {
  const details = new Map(gaps.map((gap) => [gap.code, gapWords(gap)]));
  const system = details.get(uncoveredSystem);
  const ended = details.get('end_of_life');
  const acceptable = ['unread_records', 'uncovered_packages', ...gapsOfLanguages] as const;
  const left = acceptable.flatMap((code) => gaps.filter((gap) => gap.code === code).map(gapWords));
  return [
    ...(system === undefined ? [] : [`not covered: ${system}`]),
    ...(ended === undefined ? [] : [`not covered: ${endOfLifeText(name, ended)}`]),
    ...(details.has('unread_context')
      ? [unreadContextMessage]
      : left.map((why) => `not covered: ${why}${accepted}`)),
  ];
}

/** Selects the verdicts that are shown, and those that make the command fail. */
export interface ScanPolicy {
  /** Also what the default view hides. */
  all: boolean;
  allowUncovered: boolean;
  shows(verdict: ViewedVerdict): boolean;
  /** It passes --only-fixed, which narrows the gate as well as the view; --severity narrows the view alone. */
  isAllowed(verdict: ViewedVerdict): boolean;
  /** Milliseconds since the announcement of a fix, up to which the gate does not fail for its flaw; undefined: it does at once. */
  fixedBefore: number | undefined;
  /** The fix was announced before that, or when is not known. Without such a limit, every flaw is due. */
  isDue(verdict: ViewedVerdict): boolean;
  /** There is a fix, and no day of its announcement. */
  isUndated(verdict: ViewedVerdict): boolean;
  /** All thresholds as they were given, separated by commas; null: no gate. */
  given: string | null;
  /** Those by severity or measure. */
  thresholds: readonly FailThreshold[];
  /** The gate fails for it; without a gate, whatever is affected. */
  reports(verdict: ViewedVerdict): boolean;
  unratedFails: boolean;
  unsettledFails: boolean;
  unjudgedFails: boolean;
  /** A gate by severity or risk may be blind: without ratings in the feed, or for most flaws. */
  allowUnrated: boolean;
}

/** {@link ScanPolicyOptions} with parsed thresholds. */
export type PolicyChoice = OrUndefined<
  Omit<ScanPolicyOptions, 'failOn'> & { failOn: readonly FailThreshold[] }
>;

/** The policy that the options describe. */
export function policyOf({
  severity: least,
  all = false,
  onlyFixed = false,
  fixedBefore,
  failOn = [],
  allowUncovered = false,
  allowUnrated = false,
}: PolicyChoice): ScanPolicy {
  // The remedy of a malicious package is to remove it, which needs no fix.
  const isAllowed = (verdict: ViewedVerdict) =>
    !onlyFixed || verdict.fixState === 'available' || isMalicious(verdict);
  const fails = (word: OpenWord) => failOn.some(({ open }) => open === word);
  const ofFlaws = failOn.filter(({ open }) => open !== 'unjudged');
  return {
    all,
    allowUncovered,
    shows: (verdict) => isShown(verdict.severity, least) && isAllowed(verdict),
    isAllowed,
    fixedBefore,
    isDue: () => true,
    isUndated: () => false,
    given: failOn.map(({ text }) => text).join(',') || null,
    thresholds: failOn.filter(({ open }) => open === undefined),
    reports: (verdict) => {
      if (verdict.status === 'under_investigation') return fails('unsettled');
      if (verdict.status !== 'affected') return false;
      return (
        ofFlaws.length === 0 || isMalicious(verdict) || ofFlaws.some((threshold) => threshold.fails(verdict))
      );
    },
    unratedFails: fails('unrated'),
    unsettledFails: fails('unsettled'),
    unjudgedFails: fails('unjudged'),
    allowUnrated,
  };
}

/** The policy by the dates of fixes. `advisory`: by which of them; it is asked before this returns. */
export function dueBy(
  policy: ScanPolicy,
  verdicts: readonly ViewedVerdict[],
  advisory: (id: string) => Pick<Advisory, 'date'> | undefined,
  now: Date,
): ScanPolicy {
  const { fixedBefore, reports } = policy;
  if (fixedBefore === undefined) return policy;
  const fixable = verdicts.filter(({ fixState }) => fixState === 'available');
  const ids = new Set(fixable.flatMap(({ advisories }) => advisories));
  const known = new Map([...ids].map((id) => [id, advisory(id)]));
  const timeOf = (verdict: ViewedVerdict) => Date.parse(fixDate(verdict, (id) => known.get(id)) ?? '');
  const isUndated = (verdict: ViewedVerdict) =>
    verdict.fixState === 'available' && Number.isNaN(timeOf(verdict));
  const isDue = (verdict: ViewedVerdict) =>
    isMalicious(verdict) ||
    (verdict.fixState === 'available' && !(now.getTime() - timeOf(verdict) <= fixedBefore));
  return {
    ...policy,
    isDue,
    isUndated,
    reports: (verdict) => reports(verdict) && (verdict.status !== 'affected' || isDue(verdict)),
  };
}

/** `unknown` is not the lowest severity: it selects what has no rating. */
function isShown(severity: Severity, least: Severity | undefined): boolean {
  if (least === undefined) return true;
  return least === 'unknown' ? severity === 'unknown' : severityAtLeast(severity, least);
}

/**
 * A gate that nothing in the feed can trip would let every image through. `systems`: IDs in os-release of the systems that may be
 * judged. `option`: the option of the gate; `words`: its values that need no ratings.
 * @throws {ScapfeedError} FEED_LACKS_SOURCE
 */
export function requireSources(
  policy: Pick<ScanPolicy, 'thresholds' | 'unratedFails' | 'allowUnrated'>,
  assessments: readonly AssessmentOrigin[],
  systems: readonly string[],
  { names, option = 'failOn', words = ['any', 'kev'] }: GateOption,
): void {
  const has = (id: AssessmentOriginId) => assessments.some((origin) => origin.id === id && hasData(origin));
  const { thresholds, allowUnrated } = policy;
  const isRated =
    allowUnrated ||
    !isBlindToUnrated(policy) ||
    has('nvd') ||
    has('cve-records') ||
    systems.some(vendorRates);
  for (const { text, needs = [] } of thresholds) {
    const missing = needs.find((need) => !(need === 'ratings' ? isRated : has(need)));
    if (missing === undefined) continue;
    if (missing === 'ratings') {
      const usable = words.filter(
        (word) => wordThreshold(word).needs?.every((need) => need === 'kev' && has(need)) ?? true,
      );
      throw withoutRatings(`${names(option)} ${text}`, systems, usable, names);
    }
    throw new ScapfeedError({
      code: 'FEED_LACKS_SOURCE',
      message: `${names(option)} ${text} needs the source ${missing}, which this feed does not have`,
      remedy: `use a feed that was built with it, and was not pulled without it; or leave ${names(option)} ${text} out`,
    });
  }
}

interface GateOption {
  names: OptionSpelling;
  option?: string;
  words?: readonly ThresholdWord[];
}

/** The error of a gate by severity or risk, where neither the vendors nor others rate what it asks for. */
function withoutRatings(
  gate: string,
  systems: readonly string[],
  words: readonly string[],
  names: OptionSpelling,
): ScapfeedError {
  const unrated = [...new Set(systems)].filter((id) => !vendorRates(id)).sort();
  return new ScapfeedError({
    code: 'FEED_LACKS_SOURCE',
    message: `${gate} needs ratings: ${unrated.join(' and ') || 'the vendor'} ${unrated.length > 1 ? 'rate' : 'rates'} few flaws or none, and this feed has neither nvd nor cve-records`,
    remedy: [
      'build the feed with nvd and cve-records',
      ...(words.length > 0 ? [`fail on ${words.join(' or ')}`] : []),
      `or accept with ${names('allowUnrated')} that unrated flaws pass`,
    ].join('; '),
  });
}

/** The systems that a feed judges, by their IDs in os-release. */
export function systemsOf({ platforms }: Pick<Manifest, 'platforms'>): string[] {
  return platforms.map(({ os }) => os.id);
}

function vendorRates(osId: string): boolean {
  return isOfEcosystem({ type: osId }) || (judges.find(({ id }) => id === osId)?.rates ?? false);
}

/** The outcome of a policy for a result, its messages for stderr, and the gap of a gate that cannot see most flaws. */
export interface PolicyJudgement {
  outcome: PolicyOutcome;
  messages: readonly string[];
  gaps: readonly Gap[];
}

/** Judges a result by the policy; the exit code is 4 before 1. Errors with 2 and 3 were thrown before. */
export function judgePolicy(
  result: ScanResult,
  shown: readonly ViewedVerdict[],
  policy: ScanPolicy,
  as: OptionSpelling,
): PolicyJudgement {
  const messages: string[] = [];
  const say = (count: number, what: string) => {
    if (count > 0) messages.push(`policy: ${plural(count, 'flaw')} ${what}`);
  };
  const counted = result.verdicts.filter(({ ignored }) => ignored === undefined);
  const listed = counted.filter(({ hidden }) => policy.all || hidden === undefined);
  const allowed = listed.filter((verdict) => verdict.status === 'affected' && policy.isAllowed(verdict));
  const gated = countedFlaws(allowed.filter(policy.isDue));

  const failing = failingFlaws(gated, new Set(shown), policy, say, as);
  const left = gated.filter((flaw) => !failing.has(flaw));
  const unscored = unscoredFlaws(left, policy, say, as);

  const unrated = left.filter(({ verdict }) => isUnrated(verdict)).length;
  const undated = [...failing].filter(({ verdicts }) => verdicts.some(policy.isUndated)).length;
  if (policy.fixedBefore !== undefined) {
    const limit = `${as('fixedBefore')} ${durationText(policy.fixedBefore)}`;
    say(undated, `with a fix whose date is not known, which counts as older (${limit})`);
    say(
      countedFlaws(allowed).length - gated.length,
      `without a fix, or with a newer one, not counted by ${limit}`,
    );
  }

  const rating = withoutRating(result.severityFrom);
  const asksForRatings =
    policy.unsettledFails ||
    policy.thresholds.some(({ severity, measure }) => severity || measure === 'risk');
  const failsFor = (word: OpenWord) => `${as('failOn')} ${word}`;
  if (policy.unratedFails) say(unrated, `${rating} (${failsFor('unrated')})`);
  else if (asksForRatings) say(unrated, `${rating} not counted; ${failsFor('unrated')} counts them`);
  const unseen = isBlindToUnrated(policy) ? unrated : 0;
  const isBlind = unseen * 2 > gated.length && !policy.allowUnrated;
  const blind = isBlind ? [blindGap(unseen, gated.length, rating)] : [];

  const unsettled = policy.unsettledFails
    ? countedFlaws(counted.filter(({ status }) => status === 'under_investigation')).length
    : 0;
  const found = policy.all ? '' : `${as('all')} lists them, `;
  say(
    unsettled,
    `that the vendor has not yet looked into (${failsFor('unsettled')}); ${found}an exception or VEX accepts them`,
  );

  const unjudged = result.unjudged.reduce((sum, { packages }) => sum + packages, 0);
  const unjudgedFails = policy.unjudgedFails && unjudged > 0;
  if (unjudgedFails)
    messages.push(
      `policy: ${plural(unjudged, 'package')} that the feed does not judge (${failsFor('unjudged')})`,
    );

  const fails = failing.size + (policy.unratedFails ? unrated : 0) + unsettled > 0 || unjudgedFails;
  const unsearched = policy.unjudgedFails ? unsearchedBy(result) : [];
  const open = { ...result, gaps: [...result.gaps, ...unsearched] };
  const notCovered = coverage(open, policy, (text) => messages.push(text), as) || isBlind;
  for (const { detail } of blind) messages.push(`not judged: ${detail}; ${as('allowUnrated')} accepts that`);
  const signed = result.signed ? gateExitCodes[result.signed.verdict] : 0;
  if (result.signed && signed > 0) messages.push(`signatures: ${gateVerdict(result.signed)}`);
  return {
    messages,
    gaps: [...blind, ...unsearched],
    outcome: {
      failOn: policy.given,
      failOnUnrated: policy.unratedFails,
      failOnUnknown: policy.unsettledFails,
      failOnUnjudged: policy.unjudgedFails,
      allowUncovered: policy.allowUncovered,
      allowUnrated: policy.allowUnrated,
      ...(policy.fixedBefore !== undefined && {
        fixedBefore: { hours: policy.fixedBefore / hourMs, undated },
      }),
      failing: failing.size,
      unrated,
      unseen,
      unscored,
      unsettled,
      unjudged,
      exitCode: notCovered || signed === 4 ? 4 : fails || signed === 1 ? 1 : 0,
    },
  };
}

/** Whether the gate asks for a severity or a risk, and nothing in it fails for a flaw without one. */
function isBlindToUnrated({
  thresholds,
  unratedFails,
}: Pick<ScanPolicy, 'thresholds' | 'unratedFails'>): boolean {
  if (unratedFails || thresholds.some(({ text }) => text === 'any')) return false;
  return thresholds.some(({ needs }) => needs?.includes('ratings'));
}

/** A gate on unjudged packages cannot pass where nobody could look for them, whatever the feed judges. */
function unsearchedBy({ inventory, gaps }: ScanResult): Gap[] {
  const isKnown = gaps.some(({ code }) => code === unsearchedGap.code);
  return !isKnown && hasUnsearched(inventory) ? [unsearchedGap] : [];
}

/** A gate that sees less than half of the flaws decides nothing about the image. */
function blindGap(unseen: number, flaws: number, rating: string): Gap {
  return {
    code: 'unrated_flaws',
    detail: `the gate cannot see ${thousands(unseen)} of ${plural(flaws, 'flaw')}: they are ${rating}`,
  };
}

type Say = (count: number, what: string) => void;

/** The flaws that --fail-on names. Severities share one message, every other threshold has its own. */
function failingFlaws(
  flaws: readonly Flaw[],
  shown: ReadonlySet<ViewedVerdict>,
  { given, thresholds, fixedBefore, isDue }: ScanPolicy,
  say: Say,
  as: OptionSpelling,
): Set<Flaw> {
  const failing = new Set<Flaw>();
  const fail = (isNamed: (verdict: ViewedVerdict) => boolean, what: string) => {
    const named = flaws.filter(({ verdicts }) => verdicts.some(isNamed));
    for (const flaw of named) failing.add(flaw);
    const unseen = named.filter(({ verdicts }) => !verdicts.some((verdict) => shown.has(verdict))).length;
    say(
      named.length,
      what + (unseen === 0 ? '' : `, ${thousands(unseen)} of them not shown by ${as('severity')}`),
    );
  };
  // Whatever the gate measures: such a package is to be removed.
  if (given !== null) fail(isMalicious, `of malicious packages (${as('failOn')})`);
  if (given === null && fixedBefore !== undefined)
    fail(isDue, `whose fix is not installed (${as('fixedBefore')} ${durationText(fixedBefore)})`);
  const ofSeverity = thresholds.filter(({ severity }) => severity);
  fail((verdict) => ofSeverity.some(({ fails }) => fails(verdict)), `at or above ${as('failOn')}`);
  for (const { text, severity, fails } of thresholds) {
    if (severity) continue;
    const gate = `${as('failOn')} ${text}`;
    fail(fails, text === 'kev' ? `known to be exploited (${gate})` : `at or above ${gate}`);
  }
  return failing;
}

const hourMs = 3_600_000;

/** `30d`, or `36h` where it is no whole number of days. */
function durationText(span: number): string {
  const hours = span / hourMs;
  return hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`;
}

/** Number of flaws that do not fail and might, had they the measure of --fail-on. */
function unscoredFlaws(
  flaws: readonly Flaw[],
  { thresholds }: ScanPolicy,
  say: Say,
  as: OptionSpelling,
): number {
  const unscored = new Set<Flaw>();
  for (const { text, measure } of thresholds) {
    if (!measure) continue;
    const blind = flaws.filter(({ verdict }) => verdict[measure] === undefined);
    for (const flaw of blind) unscored.add(flaw);
    say(blind.length, `without ${measureWords[measure]} not counted by ${as('failOn')} ${text}`);
  }
  return unscored.size;
}

const measureWords = { epss: 'an EPSS score', risk: 'a risk' } as const;

/** Whether the result leaves part of the image open, which takes precedence over flaws. `say` receives the reasons, and what is accepted. */
export function coverage(
  { gaps, platform }: { gaps: readonly Gap[]; platform: Pick<Platform, 'name'> },
  policy: Pick<ScanPolicy, 'allowUncovered'>,
  say: (text: string) => unknown,
  as: OptionSpelling,
): boolean {
  const open = openGaps(gaps, policy.allowUncovered);
  for (const text of gapMessages(open, platform, `; ${as('allowUncovered')} accepts that`)) say(text);
  for (const text of acceptedTexts(gaps, policy.allowUncovered, as('allowUncovered'))) say(`policy: ${text}`);
  return open.length > 0;
}
