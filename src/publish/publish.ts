import { join, resolve } from 'node:path';
import { takeLock } from '../io/lock.ts';
import { ScapfeedError } from '../model/error.ts';
import { type AcceptedGate, feedFormat, type HeldGate, heldMark } from '../model/feed/index.ts';
import { compareCodeUnits, pushTo } from '../model/order.ts';
import type { Progress } from '../model/progress.ts';
import { isAssessmentPart } from '../published/assessment-parts.ts';
import type { Encoding } from '../published/names.ts';
import { feedRole, isRoleName, shardPath } from '../published/names.ts';
import { type PartTargets, writeBlocks, writeSearch } from './blocks/write-blocks.ts';
import { platformChanges } from './changes/changes.ts';
import { type ChangesDocument, changesDocument } from './changes/document.ts';
import { changesPage } from './changes/page.ts';
import type { ExportFolder } from './exports/export-folder.ts';
import { writeExportTargets } from './exports/site-exports.ts';
import { type FeedShare, mergeAssessments } from './feed/merge-assessments.ts';
import {
  type FeedPart,
  manifestText,
  namedDetails,
  readFeedManifest,
  splitFeed,
  unownedFiles,
} from './feed/part.ts';
import { packagesOf } from './feed/shard.ts';
import type { GateName } from './gates/gates.ts';
import { type GateFinding, type GateLimits, judgePart, type Sentinel } from './gates/gates.ts';
import { inputDates } from './gates/input-dates.ts';
import {
  type GateAcceptance,
  type GateReport,
  keptInputs,
  requireUnheld,
  sortFindings,
} from './gates/report.ts';
import type { KeyStore } from './keys/key-store.ts';
import type { Passphrases } from './keys/signer.ts';
import { ownState } from './signed-state.ts';
import { type FeedDocuments, writeFeedRole } from './site/feed-role.ts';
import { firstPublication } from './site/first-publication.ts';
import { openSite, type Site } from './site/layout.ts';
import { isPagePublished, type PageRoot, removePage, requirePlaceOfPage, writePage } from './site/page.ts';
import { pruneSite } from './site/prune.ts';
import { openPublishedPart } from './site/published-part.ts';
import { type Expiries, openSigners, type RoleSigners, signSite } from './site/sign-site.ts';
import {
  type PublishedFeed,
  type PublishedPart,
  readState,
  type SiteState,
  statePath,
} from './site/state.ts';
import { trustFileNames, writeTrustFiles } from './site/trust-files.ts';
import { type EarlierPart, type WrittenPart, writePart } from './site/write-part.ts';
import { requireOthers, type TermsNotAccepted, withoutUnaccepted } from './terms.ts';
import type { TargetInfo } from './tuf/metadata.ts';

export interface FeedPublishOptions {
  /** Feed directories; a platform may be in one of them only. Their facts about vulnerabilities are joined. */
  feeds: readonly string[];
  to: string;
  store: KeyStore;
  passphrase: Passphrases;
  /** The date of the signatures. */
  date: Date;
  expires: Expiries;
  encodings: readonly Encoding[];
  /** Number of publications that are kept, and number of them for which there are deltas. */
  keep: number;
  deltas: number;
  oval: boolean;
  content: boolean;
  /** Also writes the index as blocks, of which a scan without a pull fetches those that it needs. Default: as in the last publication. */
  blocks?: boolean;
  /** Also writes the page that judges SBOMs, and the blocks that it reads. Default: as in the last publication. */
  page?: boolean;
  limits: GateLimits;
  sentinels: readonly Sentinel[];
  accepted: readonly GateAcceptance[];
  /** Ids of sources without clear terms that are published all the same. */
  acceptedTerms?: readonly string[];
  /** Validates a feed directory; returns violations as text, by platform. `known`: sha256 of what was published last. */
  validate(directory: string, known: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Keys and roots that travel with the feed, by name; absent: those of the last publication. */
  trust?: ReadonlyMap<string, Buffer>;
  /** Layouts for other scanners, made from one of the feeds. */
  exports?: ExportFolder;
  /** Other signed documents of the whole feed, by name. */
  documents?: Readonly<Record<string, unknown>>;
  progress: Progress;
}

/** The result of a publication, and the report of the gates. */
export interface PublishOutcome {
  report: GateReport;
  changes: ChangesDocument;
  /** Size of each platform's full targets in its best encoding, in bytes. */
  sizes: Record<string, number>;
  /** Names of the keys and roots that are published with the feed. */
  trust: string[];
  pruned: number;
  /** Files of the feeds that belong to no platform and are not published. */
  leftOut: string[];
  /** Platforms that are not published because the terms of their data are unclear. */
  terms: TermsNotAccepted[];
  /** Platforms that are held back and for which the exports stay those of the last publication. Absent: the exports are new. */
  exportsHeldBy?: string[];
}

/**
 * Publishes feed directories: checks each platform by the gates, then writes targets, deltas and signed metadata into a
 * folder. A platform that is held back stays as it was, marked with the date. The timestamp is written last: until then
 * clients see no change. The keys are opened first: to read and write the feed takes minutes.
 */
export async function publish(
  options: FeedPublishOptions,
  signers = openSigners(options.store, options.passphrase),
): Promise<PublishOutcome> {
  const place = openSite(resolve(options.to));
  const release = takeLock(join(place.directory, '.lock'));
  const { site, keep, undo } = firstPublication(place);
  try {
    const state = (await ownState(site, options.store)) ?? readState(site);
    const { hasBlocks, hasPage } = publishedForms(options, site, state);
    if (hasPage) requirePlaceOfPage(site);
    const last = await lastParts(site, state);
    const read = await readCandidates(options, last);
    const { items: candidates, left: terms } = withoutUnaccepted(read, options.acceptedTerms ?? []);
    requireOthers(candidates, terms);
    const judged = judgeAll(options, candidates, terms, last, state);
    requireUnheld(judged.parts, judged.report);
    const written = await writeAll(options, site, state, judged.parts, last);
    const changes = changesDocument(judged.parts, last, isoDate(options.date));
    const trust = options.trust ? await writeTrustFiles(site, options.trust) : (state.trust ?? {});
    const exportsHeldBy = options.exports ? suspect(judged.report) : [];
    const exports =
      exportsHeldBy.length > 0
        ? (state.exports ?? {})
        : options.exports
          ? await writeExportTargets(site, options.exports)
          : {};
    const next = nextState(state, written, { trust, exports, hasBlocks }, options);
    const blocks = hasBlocks ? await writeBlocks(site, targetsOf(judged.parts, written)) : {};
    const search = hasPage ? await writeSearch(site, judged.parts) : {};
    const documents = { ...options.documents, changes, report: judged.report, state: next };
    const metadata = await signAll(
      options,
      signers,
      site,
      { written, files: { ...trust, ...exports, ...blocks, ...search } },
      documents,
    );
    await site.write(statePath(metadata.snapshotVersion), `${JSON.stringify(next)}\n`);
    await site.write('changes.json', `${JSON.stringify(changes)}\n`);
    await site.write('changes.html', changesPage(changes, judged.report));
    await metadata.commit();
    if (hasPage) await writePage(site, newestRoot(options.store));
    else removePage(site);
    keep();
    const leftOut = options.feeds.flatMap((directory) => unownedFiles(readFeedManifest(directory)));
    const pruned = pruneSite(site, options.keep);
    return {
      report: judged.report,
      changes,
      sizes: sizesOf(written),
      trust: trustFileNames(trust),
      pruned,
      leftOut,
      terms,
      ...(exportsHeldBy.length > 0 && { exportsHeldBy }),
    };
  } catch (error) {
    undo();
    throw error;
  } finally {
    release();
  }
}

/**
 * Whether there are blocks and a page: once published, they stay until they are declined, because scans without a pull and the page need
 * them each night.
 */
function publishedForms(
  { blocks, page }: FeedPublishOptions,
  site: Site,
  state: SiteState,
): { hasBlocks: boolean; hasPage: boolean } {
  const hasPage = page ?? (blocks !== false && isPagePublished(site));
  return { hasPage, hasBlocks: blocks ?? (hasPage || state.blocks === true) };
}

function newestRoot(store: KeyStore): PageRoot {
  const chain = store.rootChain();
  return { version: chain.length, text: chain.at(-1)! };
}

interface Candidate {
  part: FeedPart;
  invalid: readonly string[];
}

async function readCandidates(
  { feeds, oval, content, validate, progress }: FeedPublishOptions,
  last: ReadonlyMap<string, FeedPart>,
): Promise<Candidate[]> {
  const candidates = new Map<string, Candidate>();
  const known = new Set(
    [...last.values()].flatMap(({ manifest }) => manifest.outputs.map(({ sha256 }) => sha256)),
  );
  const shared = new Map<string, { shares: FeedShare[]; invalid: string[] }>();
  for (const directory of feeds) {
    progress(`reading ${directory}`);
    const invalid = await validate(directory, known);
    const parts = splitFeed(directory, { oval, content });
    const covers = coverage(parts);
    for (const part of parts) {
      const own = invalid.get(part.platform) ?? [];
      if (isAssessmentPart(part.platform)) {
        const { shares, invalid: all } = shared.get(part.platform) ?? { shares: [], invalid: [] };
        shared.set(part.platform, { shares: [...shares, { part, covers }], invalid: [...all, ...own] });
        continue;
      }
      requireFreeName(part.platform, directory, candidates);
      candidates.set(part.platform, { part, invalid: own });
    }
  }
  const joined = [...shared.values()].map(({ shares, invalid }) => ({
    part: shares.length === 1 ? shares[0]!.part : mergeAssessments(shares),
    invalid,
  }));
  return [...candidates.values(), ...joined];
}

/** Whether a statement of a feed names a vulnerability; its shards are read at the first question. */
function coverage(parts: readonly FeedPart[]): (id: string) => boolean {
  let ids: ReadonlySet<string> | undefined;
  return (id) => {
    ids ??= new Set(
      parts
        .filter(({ platform }) => !isAssessmentPart(platform))
        .flatMap(({ platform, file }) => [...namedDetails(file(shardPath(platform)))]),
    );
    return ids.has(id);
  };
}

function requireFreeName(platform: string, where: string, taken: ReadonlyMap<string, unknown>): void {
  const usable = isRoleName(platform) && platform !== feedRole;
  if (usable && !taken.has(platform)) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: usable
      ? `two feeds have the platform ${platform}`
      : `${platform} cannot be the name of a platform`,
    where,
    remedy: 'publish each platform from one feed',
  });
}

async function lastParts(site: Site, { feeds }: SiteState): Promise<Map<string, FeedPart>> {
  const parts = new Map<string, FeedPart>();
  for (const [platform, published] of Object.entries(feeds[0]?.parts ?? {})) {
    const part = await openPublishedPart(site, platform, published);
    // A state of an older format cannot be compared or kept: the new state replaces it.
    if (part.manifest.format === feedFormat) parts.set(platform, part);
  }
  return parts;
}

interface JudgedPart {
  /** The published parts: in the new state, or the last good one with a mark. */
  parts: FeedPart[];
  report: GateReport;
}

function judgeAll(
  options: FeedPublishOptions,
  candidates: readonly Candidate[],
  terms: readonly TermsNotAccepted[],
  last: ReadonlyMap<string, FeedPart>,
  state: SiteState,
): JudgedPart {
  const findings: GateFinding[] = [];
  for (const { part, invalid } of candidates) {
    const before = last.get(part.platform);
    findings.push(
      ...judgePart({
        part,
        last: before,
        changes: platformChanges(part.platform, before && packagesOf(before), packagesOf(part)),
        inputDates: knownDates(state, part.platform),
        sentinels: options.sentinels,
        invalid,
        limits: options.limits,
        date: options.date,
      }),
    );
  }
  for (const platform of last.keys()) {
    if (candidates.some(({ part }) => part.platform === platform)) continue;
    const unaccepted = terms.find(({ platforms }) => platforms.includes(platform));
    const message = unaccepted
      ? `it was published before, and the terms of ${unaccepted.source} are not accepted now`
      : 'it was published before and no feed has it now';
    findings.push({ gate: 'missing', platform, message });
  }
  const report = {
    ...sortFindings(findings, options.accepted, isoDate(options.date)),
    kept: keptInputs(candidates.map(({ part }) => part)),
  };
  const parts = candidates
    .filter(({ part }) => !(part.platform in report.held))
    .map(({ part }) => withAccepted(part, report.accepted));
  for (const [platform, found] of Object.entries(report.held)) {
    const before = last.get(platform);
    if (before) parts.push(heldBack(before, found, options.date));
  }
  return { parts: parts.sort((a, b) => compareCodeUnits(a.platform, b.platform)), report };
}

function knownDates({ feeds }: SiteState, platform: string): Map<string, string[]> {
  const dates = new Map<string, string[]>();
  for (const { parts } of feeds) {
    for (const [id, date] of Object.entries(parts[platform]?.inputs ?? {})) {
      pushTo(dates, id, date);
    }
  }
  return dates;
}

function withAccepted(part: FeedPart, accepted: readonly AcceptedGate[]): FeedPart {
  const own = accepted.filter(({ platform }) => platform === part.platform);
  return own.length === 0 ? part : withManifest(part, { ...part.manifest, accepted: own });
}

/**
 * The last good state, with a mark that every scan shows, and the gates that hold newer data back now; its dates stay, so that its
 * age is visible.
 */
function heldBack(part: FeedPart, findings: readonly GateFinding[], date: Date): FeedPart {
  const held: HeldGate[] = [];
  for (const { gate, message } of findings)
    if (!held.some((known) => known.gate === gate)) held.push({ gate, found: message });
  const platforms = part.manifest.platforms.map((platform) => {
    const marks = platform.marks ?? [];
    const isMarked = marks.some((mark) => mark.startsWith(heldMark));
    return {
      ...platform,
      marks: isMarked ? marks : [...marks, heldMark + isoDate(date).slice(0, 10)].sort(),
      held,
    };
  });
  return withManifest(part, { ...part.manifest, platforms });
}

function withManifest(part: FeedPart, manifest: FeedPart['manifest']): FeedPart {
  return { ...part, manifest, manifestText: manifestText(manifest) };
}

async function writeAll(
  { encodings, deltas, progress, date }: FeedPublishOptions,
  site: Site,
  state: SiteState,
  parts: readonly FeedPart[],
  last: ReadonlyMap<string, FeedPart>,
): Promise<Map<string, WrittenPart>> {
  const written = new Map<string, WrittenPart>();
  for (const [done, part] of parts.entries()) {
    progress('writing what changed', { done, total: parts.length, unit: 'parts' });
    const earlier = state.feeds
      .slice(0, deltas)
      .flatMap(({ parts: known }) => known[part.platform] ?? [])
      .map((published) => openEarlier(site, part.platform, published));
    const known = knownDates(state, part.platform);
    const dates = inputDates(part, last.get(part.platform), known, isoDate(date));
    written.set(part.platform, await writePart(site, part, earlier, dates, encodings));
  }
  return written;
}

function targetsOf(parts: readonly FeedPart[], written: ReadonlyMap<string, WrittenPart>): PartTargets[] {
  return parts.map((part) => ({ part, targets: written.get(part.platform)!.part.targets }));
}

function openEarlier(site: Site, platform: string, published: PublishedPart): EarlierPart {
  let opened: Promise<FeedPart> | undefined;
  return {
    published,
    open() {
      opened ??= openPublishedPart(site, platform, published);
      return opened;
    },
  };
}

async function signAll(
  { store, date, expires }: FeedPublishOptions,
  signers: RoleSigners,
  site: Site,
  { written, files }: { written: ReadonlyMap<string, WrittenPart>; files: Record<string, TargetInfo> },
  documents: FeedDocuments,
) {
  const roles: Record<string, Record<string, TargetInfo>> = {
    [feedRole]: { ...(await writeFeedRole(site, documents)), ...files },
  };
  for (const [platform, { targets }] of written) roles[platform] = targets;
  return signSite({ site, store, signers, date: isoDate(date), expires }, roles);
}

function nextState(
  state: SiteState,
  written: ReadonlyMap<string, WrittenPart>,
  { trust, exports, hasBlocks }: Required<Pick<SiteState, 'trust' | 'exports'>> & { hasBlocks: boolean },
  { keep, date }: FeedPublishOptions,
): SiteState {
  const parts = Object.fromEntries([...written].map(([platform, { part }]) => [platform, part]));
  const feed: PublishedFeed = { date: isoDate(date), parts };
  return {
    format: 1,
    feeds: [feed, ...state.feeds].slice(0, keep),
    ...(Object.keys(trust).length > 0 && { trust }),
    ...(Object.keys(exports).length > 0 && { exports }),
    ...(hasBlocks && { blocks: true }),
  };
}

/** Gates on the age of data, which may be right all the same. */
const gatesOfAge: readonly GateName[] = ['late-input', 'frozen'];

/** Platforms whose new state is not to be trusted: an export has all platforms in one file, and no mark for one. */
function suspect({ held }: GateReport): string[] {
  return Object.keys(held).filter((platform) =>
    held[platform]!.some(({ gate }) => !gatesOfAge.includes(gate)),
  );
}

function sizesOf(written: ReadonlyMap<string, WrittenPart>): Record<string, number> {
  const entries = [...written].map(([platform, { part }]) => {
    const best = new Map<string, number>();
    for (const [name, { length }] of Object.entries(part.targets)) {
      const plain = name.replace(/\.[a-z]+$/, '');
      best.set(plain, Math.min(best.get(plain) ?? length, length));
    }
    return [platform, [...best.values()].reduce((sum, length) => sum + length, 0)] as const;
  });
  return Object.fromEntries(entries);
}

function isoDate(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
