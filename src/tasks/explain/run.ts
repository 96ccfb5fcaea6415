import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { foreignTo } from '../../distros/databases.ts';
import { flawPage } from '../../distros/pages.ts';
import { readWhole } from '../../io/read-whole.ts';
import type { VerdictRule } from '../../model/compliance/index.ts';
import { knownDate } from '../../model/data-date.ts';
import { ScapfeedError } from '../../model/error.ts';
import { type FeedPlatform, type ShardRecord, sideRatings } from '../../model/feed/index.ts';
import {
  type Image,
  type ImageProduct,
  type InstalledPackage,
  type Inventory,
  isOfEcosystem,
} from '../../model/inventory/index.ts';
import type { Comparison } from '../../model/order.ts';
import type { Gap, UncoveredPackage, Verdict, ViewedVerdict } from '../../model/verdict/index.ts';
import { claimText } from '../../report/claim-text.ts';
import type { ExplainedPackages, UnreadStatement } from '../../report/explained-packages.ts';
import type { Explained, Explanation, OtherRelease } from '../../report/explanation.ts';
import { systemName } from '../../report/system-name.ts';
import {
  ageInDays,
  assessmentOrigins,
  assessOptions,
  assessVerdicts,
  chooseJudging,
  compareVersions,
  contextGaps,
  type Feed,
  type JudgeOptions,
  type MatchOptions,
  matchInventory,
  type PlatformChoice,
  recordGaps,
  releaseGaps,
  requireComplete,
  ruleOf,
  systemGaps,
  vendorRating,
} from '../../runtime/index.ts';
import { languageGaps, languagePlatforms } from '../../runtime/languages.ts';
import type { SnapshotStore } from '../../sources/snapshots.ts';
import type { ChosenFeed } from '../feed.ts';
import { toolVersion } from '../tool-version.ts';
import { vendorRecord } from './vendor-record.ts';

/** Options for judging the image. */
export interface ExplainSettings extends Omit<JudgeOptions, 'all' | 'now'> {
  now: Date;
}

function matching({ stream }: Omit<ExplainSettings, 'now'>, choice: PlatformChoice): MatchOptions {
  const { marks, beside, uncovered } = choice;
  return {
    mapped: marks.includes('mapped'),
    stream,
    ...(beside && { beside: beside.id }),
    uncovered: uncovered?.message,
    all: true,
  };
}

function usage(message: string, remedy: string): ScapfeedError {
  return new ScapfeedError({ code: 'USAGE', message, remedy });
}

/** The packages of the whole image that a vulnerability, or an advisory, has a verdict for. */
export function packagesWith(
  vulnerability: string,
  image: Image,
  inventory: Inventory,
  feed: ChosenFeed,
  { now, maxAge, ...how }: ExplainSettings,
): ExplainedPackages {
  const choice = chooseJudging(feed.manifest.platforms, inventory, how);
  const { platform } = choice;
  ageInDays(platform, now, maxAge);
  if (choice.beside) ageInDays(choice.beside, now, maxAge);
  const languages = languagePlatforms(feed, inventory, choice.uncovered !== undefined);
  for (const each of languages) ageInDays(each, now, maxAge);
  const shard = feed.shard(platform.id)!;
  const matched = matchInventory(feed, shard, inventory, matching(how, choice));
  const named = matched.verdicts.filter(
    (verdict) => verdict.vulnerability === vulnerability || verdict.advisories.includes(vulnerability),
  );
  const origins = assessmentOrigins(feed.manifest, now);
  const assessing = assessOptions(feed.manifest, platform, origins, how.severityFrom);
  const unread = unreadAbout(vulnerability, matched.uncovered);
  const known =
    named.length > 0 ||
    unread.length > 0 ||
    isNamedIn(feed, vulnerability) ||
    feed.advisory(vulnerability) !== undefined;
  if (!known && !cveId.test(vulnerability)) throw noVulnerability(vulnerability);
  // A flaw of packages of a language alone is the ecosystem's: the distribution states nothing about it.
  const isOfLanguages = named.length > 0 && named.every((verdict) => isOfEcosystem(verdict.package));
  const about = isOfLanguages ? languages.find(({ id }) => id === named[0]!.platform) : undefined;
  return {
    ...subjectOf(feed, image, about ?? platform),
    vulnerability,
    gaps: [
      ...gapsOf(inventory, [platform, ...languages], now, choice),
      ...languageGaps(feed, inventory, how.languages),
    ],
    verdicts: assessVerdicts(
      feed,
      named.map((verdict) => ({ ...verdict })),
      assessing,
    ),
    unread,
    uncovered: matched.uncovered.length,
    known,
  };
}

/** Statements that name the vulnerability in their place or text, once for all binaries of a source. */
function unreadAbout(id: string, uncovered: readonly UncoveredPackage[]): UnreadStatement[] {
  const found = new Map<string, UnreadStatement>();
  for (const { package: pkg, unread = [] } of uncovered)
    for (const record of unread) {
      const words = `${record.where} ${record.detail ?? ''}`.toUpperCase().split(/[^A-Z0-9:-]+|:(?!\w)/);
      const statement = { source: pkg.source.name, ...record };
      if (words.includes(id.toUpperCase())) found.set(JSON.stringify(statement), statement);
    }
  return [...found.values()];
}

/** The members that every explanation begins with. */
function subjectOf(feed: ChosenFeed, image: Image, platform: FeedPlatform) {
  const updated = knownDate(platform.updated);
  return {
    tool: `scapfeed ${toolVersion}`,
    feed: feed.origin,
    image: { reference: image.reference, ...(image.digest === undefined ? {} : { digest: image.digest }) },
    platform: { id: platform.id, name: platform.name, ...(updated !== undefined && { updated }) },
  };
}

/** Reasons why the absence of a statement proves nothing for this image. */
function gapsOf(
  inventory: Inventory,
  platforms: readonly FeedPlatform[],
  now: Date,
  { uncovered }: PlatformChoice,
): Gap[] {
  return [
    ...systemGaps(uncovered),
    ...platforms.flatMap((platform) => releaseGaps(platform, now)),
    ...contextGaps(inventory),
    ...platforms.flatMap(recordGaps).slice(0, 1),
  ];
}

export interface Question {
  vulnerability: string;
  name: string;
}

export async function explainIn(
  image: Image,
  inventory: Inventory,
  feed: ChosenFeed,
  store: SnapshotStore | undefined,
  { now, maxAge, ...options }: ExplainSettings,
  { vulnerability, name }: Question,
): Promise<Explained> {
  const choice = chooseJudging(feed.manifest.platforms, inventory, options);
  const { platform } = choice;
  ageInDays(platform, now, maxAge);
  if (choice.beside) ageInDays(choice.beside, now, maxAge);
  const products = (inventory.products ?? []).filter((product) => isNamed(product, name));
  const packages = products.length > 0 ? [] : withOwners(inventory, installedAs(inventory, name));
  const shard = feed.shard(platform.id)!;
  const asked = {
    ...inventory,
    packages: packages.filter((pkg) => !isOfEcosystem(pkg)),
    languages: packages.filter(isOfEcosystem),
    products,
  };
  const how = matching(options, choice);
  const matched = matchInventory(feed, shard, asked, how);
  const ruleFor = ruleOf(feed, shard, asked, how);
  const types = new Set<string>(asked.languages.map(({ type }) => type));
  const languages = feed.manifest.platforms.filter(({ id }) => types.has(id));
  for (const each of languages) ageInDays(each, now, maxAge);
  // Where a distribution has no word in it, it is not the one that says nothing.
  const isOfLanguages = products.length === 0 && packages.every(isOfEcosystem);
  if (isOfLanguages && languages.length === 0) throw noLanguage(packages[0]!);
  const about = isOfLanguages ? languages[0]! : platform;
  const own = packages.filter((pkg) => !isOfEcosystem(pkg) && foreignTo(platform.os.id, pkg) === undefined);
  const sources = [...new Set(own.map(({ source }) => source.name))];
  const names = [...new Set([...sources, ...asked.languages.map((pkg) => pkg.name)])];
  const ids = vulnerabilitiesOf(vulnerability, name, matched.verdicts, feed, names);
  const assessments = assessmentOrigins(feed.manifest, now);
  const { severityFrom } = options;
  const assessing = assessOptions(feed.manifest, platform, assessments, severityFrom);
  const named = matched.verdicts.filter((verdict) => ids.has(verdict.vulnerability));
  const found = assessVerdicts(
    feed,
    named.map((verdict) => ({ ...verdict })),
    assessing,
  );
  const verdicts: Explanation[] = [];
  for (const [at, verdict] of found.entries()) {
    const rule = ruleFor(verdict.package, verdict.vulnerability);
    verdicts.push({
      ...explanationOf(verdict, rule, feed, image, await vendorRecord(verdict, feed, store)),
      ...ratingsOf(verdict, named[at]!, feed, assessing.vendor),
      links: linksOf(verdict, isOfEcosystem(verdict.package) ? verdict.package.type : platform.os.id),
    });
  }
  const elsewhere = sources.flatMap((source) => otherReleases(feed, platform, inventory, source, ids));
  const known = found.length > 0 || elsewhere.length > 0 || isNamedIn(feed, vulnerability);
  if (!known && !cveId.test(vulnerability)) throw noVulnerability(vulnerability);
  return {
    ...subjectOf(feed, image, about),
    vulnerability,
    name,
    severityFrom: assessing.order,
    assessments,
    gaps: gapsOf(inventory, [about], now, choice),
    verdicts,
    uncovered: matched.uncovered,
    elsewhere,
    known,
  };
}

/**
 * The vulnerabilities that an advisory fixes in these packages, on any release: an image of another release is affected
 * too. Any other id is its own answer.
 * @throws {ScapfeedError} USAGE for an advisory that fixes nothing in them
 */
function vulnerabilitiesOf(
  id: string,
  name: string,
  verdicts: readonly Verdict[],
  feed: Feed,
  sources: readonly string[],
): ReadonlySet<string> {
  const claimed = feed.manifest.platforms
    .flatMap((platform) => sources.map((source) => feed.shard(platform.id)!.package(source)?.claims ?? []))
    .flat()
    .flatMap(({ advisories, ids }) => (advisories?.includes(id) ? ids : []));
  const judged = verdicts.filter(({ advisories }) => advisories.includes(id));
  const fixed = new Set([...claimed, ...judged.map(({ vulnerability }) => vulnerability)]);
  if (fixed.size > 0) return fixed;
  if (!feed.advisory(id)) return new Set([id]);
  throw usage(`${id} is an advisory that fixes nothing in ${name}`, 'specify a CVE');
}

/** Details are kept for some vulnerabilities only; a shard has every one that a statement is about. */
function isNamedIn(feed: ChosenFeed, vulnerability: string): boolean {
  if (feed.vulnerability(vulnerability)) return true;
  if (feed.naming) return isNamedAt(feed, vulnerability, feed.naming(vulnerability));
  return feed.manifest.platforms.some(({ id }) => {
    const shard = join(feed.directory, 'index', `${id}.jsonl`);
    return existsSync(shard) && linesWith(JSON.stringify(vulnerability), readWhole(shard)).some(isAbout);
  });

  /** Shards contain ids of advisories too. */
  function isAbout(text: string): boolean {
    const record = JSON.parse(text) as ShardRecord;
    if ('list' in record) return record.ids.includes(vulnerability);
    return 'claims' in record && record.claims.some(({ ids }) => ids.includes(vulnerability));
  }
}

/** Opens the shards of the packages, whose parts have the details of an advisory too; packages have names like ids. */
function isNamedAt(
  feed: Feed,
  vulnerability: string,
  packages: Readonly<Record<string, readonly string[]>>,
): boolean {
  const claims = Object.entries(packages).flatMap(([name, platforms]) =>
    platforms.flatMap((platform) => feed.shard(platform)?.package(name)?.claims ?? []),
  );
  return claims.some(({ ids }) => ids.includes(vulnerability));
}

function linesWith(text: string, bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let end = 0, at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, end)) {
    const next = bytes.indexOf('\n', at);
    end = next === -1 ? bytes.length : next;
    lines.push(bytes.toString('utf8', bytes.lastIndexOf('\n', at) + 1, end));
  }
  return lines;
}

const cveId = /^CVE-\d{4}-\d{4,}$/;

function noVulnerability(text: string): ScapfeedError {
  const upper = text.toUpperCase();
  return usage(
    `${text} is no vulnerability that this feed knows`,
    upper !== text && cveId.test(upper)
      ? `did you mean ${upper}?`
      : 'write it as CVE-2024-12345, or as in the table of `scapfeed scan`',
  );
}

/** Red Hat's containers are named by repository or by component. */
function isNamed({ name, component }: ImageProduct, wanted: string): boolean {
  return name === wanted || component === wanted;
}

function noLanguage({ type, name }: InstalledPackage): ScapfeedError {
  return new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `the feed has no data about packages of ${type}`,
    where: name,
    remedy: 'build the feed with the source osv, or pull one that has it',
  });
}

/** The packages, and those of the distribution that own one of them and decide in its place. */
function withOwners(inventory: Inventory, packages: Inventory['packages']): Inventory['packages'] {
  const owners = inventory.packages.filter((pkg) =>
    packages.some(({ owner }) => owner?.type === pkg.type && owner.name === pkg.name),
  );
  return [...new Set([...packages, ...owners])];
}

function installedAs(inventory: Inventory, name: string): Inventory['packages'] {
  const all = [...inventory.packages, ...(inventory.languages ?? [])];
  const packages = all.filter((pkg) => pkg.name === name || pkg.source.name === name);
  if (packages.length > 0) return packages;
  requireComplete(inventory);
  throw new ScapfeedError({
    code: 'USAGE',
    message: `no installed package and no source is named ${name}`,
    remedy: 'copy the name from the table of `scapfeed scan`',
  });
}

/** All ratings side by side. `unassessed`: the verdict before assessment, with the distribution's own severity. */
function ratingsOf(
  verdict: ViewedVerdict,
  unassessed: Verdict,
  feed: Feed,
  vendor: string | undefined,
): Pick<Explanation, 'ratings' | 'assessment'> {
  const { severity, severitySource: source, cvss } = verdict;
  const assessment = feed.assessment(verdict.vulnerability);
  const decision = { severity, ...(source && { source }), ...(cvss && { cvss }) };
  return {
    ratings: sideRatings(vendorRating(feed, unassessed, vendor), assessment, decision),
    ...(assessment && { assessment }),
  };
}

/** Pages about a flaw: the distribution's, and those of who rates it. */
function linksOf({ vulnerability: id, exploited }: ViewedVerdict, osId: string): string[] {
  const page = flawPage(osId, id);
  const own = page === undefined ? [] : [page];
  if (!cveId.test(id)) return own;
  const all = [
    ...own,
    `https://www.cve.org/CVERecord?id=${id}`,
    `https://nvd.nist.gov/vuln/detail/${id}`,
    ...(exploited && exploited.only === undefined
      ? [`https://www.cisa.gov/known-exploited-vulnerabilities-catalog?search_api_fulltext=${id}`]
      : []),
    ...(exploited?.eu ? [`https://euvd.enisa.europa.eu/vulnerability/${exploited.eu.id}`] : []),
  ];
  // Where a distribution has no pages of flaws, its page is cve.org's.
  return [...new Set(all)];
}

function explanationOf(
  verdict: ViewedVerdict,
  rule: VerdictRule | undefined,
  feed: Feed,
  image: Image,
  record: Explanation['record'],
): Omit<Explanation, 'ratings' | 'assessment' | 'links'> {
  const { fixedVersion, package: pkg } = verdict;
  const vulnerability = feed.vulnerability(verdict.vulnerability);
  const layer = pkg.layer === undefined ? undefined : image.files.layers[pkg.layer];
  // A directory is one layer with neither.
  const origin = layer && [layer.digest ?? layer.diffId, layer.createdBy].filter(Boolean).join(' ');
  return {
    verdict,
    ...(vulnerability ? { vulnerability } : {}),
    advisories: verdict.advisories.map((id) => feed.advisory(id) ?? { id }),
    ...(rule ? { rule } : {}),
    ...(fixedVersion === undefined ? {} : { comparison: comparisonWith(fixedVersion, pkg, rule) }),
    ...(origin === undefined || origin === '' ? {} : { layer: origin }),
    record,
  };
}

/** As the rule compares them; a fix that it does not compare with is measured all the same. */
function comparisonWith(fixed: string, pkg: InstalledPackage, rule: VerdictRule | undefined): Comparison {
  const fix = rule?.fixes.find(({ version }) => version === fixed);
  return fix ? fix.comparison : compareVersions(pkg, fixed);
}

function otherReleases(
  feed: Feed,
  chosen: FeedPlatform,
  inventory: Inventory,
  source: string,
  vulnerabilities: ReadonlySet<string>,
): OtherRelease[] {
  const why = inventory.os
    ? `the image is ${systemName(inventory.os)} by ${inventory.os.found}`
    : `the image is judged as ${chosen.id}`;
  return feed.manifest.platforms
    .filter((platform) => platform.os.id === chosen.os.id && platform.id !== chosen.id)
    .flatMap((platform) => {
      const claims = feed.shard(platform.id)!.package(source)?.claims ?? [];
      const named = claims.filter(({ ids }) => ids.some((id) => vulnerabilities.has(id)));
      return named.map((claim) => ({ platform: platform.id, claim: claimText(claim), why }));
    });
}
