import { documentDate, isoSeconds } from '../../model/data-date.ts';
import type { Image, Inventory } from '../../model/inventory/index.ts';
import type { Judgement, PolicyOutcome, ScanResult, SignatureGate } from '../../model/verdict/index.ts';
import { noteText } from '../../report/note-text.ts';
import {
  assessmentOrigins,
  type Feed,
  type JudgeOptions,
  judge,
  requireComplete,
  sortVerdicts,
  type VerdictOrder,
} from '../../runtime/index.ts';
import type { VexDocument } from '../../vex/index.ts';
import { type ChosenFeed, completely } from '../feed.ts';
import { errorOf, type GateOutcome, type OptionSpelling } from '../outcome.ts';
import { type GivenExceptions, withExceptions } from '../policy/exceptions.ts';
import { type GivenBases, withBases } from './base.ts';
import type { ScannedImage } from './formats.ts';
import {
  dueBy,
  judgePolicy,
  type PolicyChoice,
  policyOf,
  requireSources,
  type ScanPolicy,
  systemsOf,
} from './gate.ts';
import { readDetails, scanResult, settledVerdicts } from './judge.ts';
import { scanReport } from './report.ts';

/** The subject of a scan, with the user's settings for it. */
export interface ScanSubject {
  image: Image;
  /** The name by which CI systems identify it. */
  name: string;
  inventory: Inventory;
  signed: SignatureGate | undefined;
  exceptions?: GivenExceptions;
  bases?: GivenBases | undefined;
}

/** Settings that the images of a scan share. */
export interface ScanSettings {
  feed: ChosenFeed;
  policy: ScanPolicy;
  how: JudgeOptions & { now: Date };
  sort?: VerdictOrder | undefined;
  /** Verdicts that exceptions put aside are listed too. */
  showsIgnored?: boolean | undefined;
  /** The table has packages to upgrade, in place of flaws. */
  byPackage?: boolean;
  /** Reports have details of vulnerabilities and advisories, or what clears the image of others. */
  described?: boolean;
  /** For formats that give one; absent: that of the vendor data. */
  date?: Date | undefined;
  /** Spelling of options in messages. */
  names: OptionSpelling;
}

/** The settings by a policy that the feed can serve. @throws {ScapfeedError} FEED_LACKS_SOURCE */
export function scanSettings(settings: Omit<ScanSettings, 'policy'>, options: PolicyChoice): ScanSettings {
  const { feed, how, names } = settings;
  const policy = policyOf(options);
  requireSources(policy, assessmentOrigins(feed.manifest, how.now), systemsOf(feed.manifest), { names });
  return { ...settings, policy };
}

/** An image judged by a feed and by the user's policy. */
export interface JudgedScan extends ScannedImage {
  outcome: PolicyOutcome;
  /** Notes of exceptions, and the reasons of the policy's outcome. */
  messages: readonly string[];
}

/** Judges packages by a feed; applies exceptions, filters and gate. `judges`: as runtime's judge, at its own pace. */
export async function scanImage(
  { image, name, inventory, signed, exceptions = {}, bases }: ScanSubject,
  {
    feed,
    policy: asked,
    how,
    sort,
    showsIgnored = false,
    byPackage = false,
    described,
    date,
    names,
  }: ScanSettings,
  judges: (feed: Feed, inventory: Inventory, how: JudgeOptions) => Judgement | Promise<Judgement> = judge,
): Promise<JudgedScan> {
  const judgement = await completely(feed, (whole) => judges(whole, inventory, how));
  const alone = scanResult(feed, image, inventory, how, judgement);
  const judgesBase = (of: Inventory) => completely(feed, (whole) => judges(whole, of, how));
  const judged = bases ? await withBases(alone, bases, judgesBase) : alone;
  const withSigned = { ...judged, ...(signed && { signed }) };
  const sorted = sort ? { ...withSigned, verdicts: sortVerdicts(withSigned.verdicts, sort) } : withSigned;
  const { repositories } = exceptions ?? {};
  const carried = repositories && (await carriedVex(feed, repositories, sorted));
  const vex = carried ? [...(exceptions?.vex ?? []), ...carried] : exceptions?.vex;
  const result = await withExceptions(sorted, { ...exceptions, ...(vex && { vex }) }, how.now);
  const policy = await completely(feed, (whole) =>
    dueBy(asked, result.verdicts, (id) => whole.advisory(id), how.now),
  );
  const listed = result.verdicts.filter(
    ({ hidden, ignored }) => (policy.all || hidden === undefined) && (showsIgnored || ignored === undefined),
  );
  const shown = listed.filter(policy.shows);
  requireSources(policy, result.assessments, [systemOf(result, feed)], { names });
  const { outcome, messages: ofPolicy, gaps } = judgePolicy(result, shown, policy, names);
  // Side effects of exceptions are printed with the gate's outcome: a pipeline may show no report.
  const ofExceptions = result.inventory.notes.slice(sorted.inventory.notes.length).map(noteText);
  const report = scanReport({
    feed,
    name,
    image,
    result: { ...result, gaps: [...result.gaps, ...gaps] },
    inventory,
    asked: result.verdicts.filter(policy.shows),
    shown,
    policy: outcome,
    fails: (verdict) => verdict.ignored === undefined && policy.reports(verdict),
    date: dateOf(date, result.platform.updated, feed.manifest.created),
    settled: () => settledVerdicts(feed, inventory, how),
  });
  // Reports read details when they need them, which a feed in blocks has to have fetched by then.
  if (described && feed.complete)
    await feed.complete((view) => readDetails({ ...feed, ...view }, inventory, how, result.verdicts));
  const filtered = listed.filter((verdict) => !policy.shows(verdict));
  const listing = {
    all: policy.all,
    isDated: policy.fixedBefore !== undefined,
    byPackage,
    ignored: showsIgnored,
    filtered,
  };
  return { name, report, listing, outcome, messages: [...ofExceptions, ...ofPolicy] };
}

/** ISO 8601 in seconds. */
function dateOf(given: Date | undefined, updated: string | undefined, created: string): string | undefined {
  const ofData = documentDate(updated, created);
  const date = given ?? (ofData === undefined ? undefined : new Date(ofData));
  return date && isoSeconds(date);
}

/** The ID in os-release of the platform that judged. */
function systemOf({ platform: { id } }: ScanResult, { manifest }: ChosenFeed): string {
  return manifest.platforms.find((platform) => platform.id === id)?.os.id ?? id;
}

/** The outcome of a scan: that of its policy, and an error for a package database that lists fewer packages than it declares. */
export function scanOutcome(
  { outcome, messages }: Pick<JudgedScan, 'outcome' | 'messages'>,
  inventory: Inventory,
): GateOutcome {
  const error = errorOf(() => requireComplete(inventory));
  return { exitCode: error ? 4 : outcome.exitCode, reasons: messages, ...(error && { error }) };
}

/** Documents of repositories, which few scans ask for. */
async function carriedVex(
  feed: ChosenFeed,
  names: readonly string[],
  result: ScanResult,
): Promise<VexDocument[]> {
  const { repositoryVex } = await import('./repository-vex.ts');
  return completely(feed, (whole) => repositoryVex(whole, names, result));
}
