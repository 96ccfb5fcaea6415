import { assessmentFiles } from '../../feed/compile/assessment-lines.ts';
import {
  type Assessment,
  assessmentOf,
  cveOf,
  type EpssBlock,
  type EpssPercentiles,
  type ExploitedRecord,
  epssScores,
  epssUnit,
  examplesPerReason,
  type FeedSource,
  type FindingSummary,
  joinExploited,
  type RatingsRecord,
} from '../../model/feed/index.ts';
import { compareCodeUnits, pushTo } from '../../model/order.ts';
import { type AssessmentPartName, partSources } from '../../published/assessment-parts.ts';
import { offsetsOf, offsetsPath, sha256 } from './lines.ts';
import { type FeedPart, manifestText } from './part.ts';

/** A part of one of the feeds that are published together. */
export interface FeedShare {
  part: FeedPart;
  /** True if a statement of that feed names the vulnerability. */
  covers(id: string): boolean;
}

interface Share extends FeedShare {
  byId: ReadonlyMap<string, Assessment>;
  percentiles: readonly number[];
}

/**
 * Joins several feeds' facts about vulnerabilities. For each source, the feed with the newest data decides about every
 * vulnerability that it has; the others add theirs, which a finding counts. Feeds from the same documents give the bytes of one
 * feed of all their distributions.
 */
export function mergeAssessments(feeds: readonly FeedShare[]): FeedPart {
  const { platform } = feeds[0]!.part;
  if (platform === 'vex') return newestPart(feeds);
  const sources = partSources(platform as AssessmentPartName);
  const shares = feeds.map((feed): Share => ({ ...feed, ...readShare(feed.part) }));
  const ranks = new Map(sources.map((source) => [source, newestFirst(shares, source)]));
  const ids = new Set(shares.flatMap(({ byId }) => [...byId.keys()]));
  const byId = new Map<string, Assessment>();
  const others = new Map(sources.map((source) => [source, new Map<Share, string[]>()]));
  for (const id of ids) {
    const owners = new Map<string, Share>();
    for (const source of sources) {
      const [newest, ...rest] = ranks.get(source)!;
      const owner = [newest!, ...rest].find((share) => share.byId.has(id) || share.covers(id));
      if (!owner) continue;
      owners.set(source, owner);
      if (owner !== newest && owner.byId.has(id)) {
        const added = others.get(source)!;
        pushTo(added, owner, id);
      }
    }
    const joined = joinOwners(id, owners);
    if (joined) byId.set(id, joined);
  }
  const percentiles = ranks.get('epss')?.find((share) => share.percentiles.length > 0)?.percentiles ?? [];
  const accounts = sources.flatMap((source) => accountOf(source, ranks.get(source)!, others.get(source)!));
  return partOf(feeds, accounts, filesOf(assessmentFiles({ byId, percentiles })));
}

/** Documents of repositories are not joined: they would be of two states of a repository. */
function newestPart(feeds: readonly FeedShare[]): FeedPart {
  const order = ({ part: { manifest, manifestText: text } }: FeedShare) => `${manifest.created} ${text}`;
  return [...feeds].sort((a, b) => compareCodeUnits(order(b), order(a)))[0]!.part;
}

/** From one feed the whole of it; else NVD's part from one and that of CVE records from the other, or CISA's list from one and the EU's from the other. */
function joinOwners(id: string, owners: ReadonlyMap<string, Share>): Assessment | undefined {
  const [first, ...more] = new Set(owners.values());
  if (more.length === 0) return first?.byId.get(id);
  const exploited = joinExploited(
    owners.get('kev')?.byId.get(id)?.exploited,
    owners.get('eukev')?.byId.get(id)?.exploited,
  );
  if (owners.has('kev') || owners.has('eukev')) return exploited && { id, ratings: [], exploited };
  const record = owners.get('cve-records')?.byId.get(id);
  const nvd = owners.get('nvd')?.byId.get(id);
  if (record?.rejected) return record;
  const ratings = [
    ...(nvd?.ratings ?? []).filter(({ source }) => source === 'nvd'),
    ...(record?.ratings ?? []).filter(({ source }) => source !== 'nvd'),
  ];
  const cwe = [...new Set([...(record?.cwe ?? []), ...(nvd?.cwe ?? [])])];
  return {
    id,
    ratings,
    ...(!record && nvd?.rejected && { rejected: true as const }),
    ...(nvd?.deferred && { deferred: true as const }),
    ...(cwe.length > 0 && { cwe }),
    ...(record?.ssvc && { ssvc: record.ssvc }),
  };
}

/** By the newest document of the source; feeds without the source are left out, unless all are. */
function newestFirst(shares: readonly Share[], source: string): Share[] {
  const having = shares.filter(({ part }) => part.manifest.sources.some(({ id }) => id === source));
  const order = ({ part: { manifest } }: Share) => {
    const own = manifest.inputs.filter((input) => input.source === source);
    const dates = own.map(({ date = '' }) => date).sort();
    return [dates.at(-1) ?? '', ...own.map((input) => input.sha256).sort(), manifest.created].join(' ');
  };
  return [...(having.length > 0 ? having : shares)].sort((a, b) => compareCodeUnits(order(b), order(a)));
}

/** The account of the newest feed, and what came from the others. */
function accountOf(
  source: string,
  [newest]: readonly Share[],
  added: ReadonlyMap<Share, readonly string[]>,
): FeedSource | [] {
  const account = newest?.part.manifest.sources.find(({ id }) => id === source);
  if (!account) return [];
  const documents = ({ part }: Share) =>
    part.manifest.inputs.filter((input) => input.source === source).map((input) => input.sha256);
  const current = new Set(documents(newest!));
  const isSame = (share: Share) => documents(share).every((digest) => current.has(digest));
  const finding = (reason: string, from: readonly string[]): FindingSummary[] =>
    from.length === 0
      ? []
      : [
          {
            source,
            reason,
            dropped: false,
            count: from.length,
            examples: [...from]
              .sort(compareCodeUnits)
              .slice(0, examplesPerReason)
              .map((where) => ({ where })),
          },
        ];
  const idsOf = (wanted: boolean) =>
    [...added].flatMap(([share, ids]) => (isSame(share) === wanted ? ids : []));
  return {
    ...account,
    findings: [
      ...account.findings,
      ...finding('from_another_feed', idsOf(true)),
      ...finding('from_another_feed_with_older_data', idsOf(false)),
    ],
  };
}

function partOf(
  feeds: readonly FeedShare[],
  sources: readonly FeedSource[],
  files: ReadonlyMap<string, Buffer>,
): FeedPart {
  const manifests = feeds
    .map(({ part }) => part.manifest)
    .sort(
      (a, b) =>
        compareCodeUnits(a.created, b.created) || compareCodeUnits(JSON.stringify(a), JSON.stringify(b)),
    );
  const inputs = new Map(
    manifests.flatMap((manifest) => manifest.inputs).map((input) => [`${input.id} ${input.sha256}`, input]),
  );
  const manifest = {
    ...manifests.at(-1)!,
    inputs: [...inputs].sort(([a], [b]) => compareCodeUnits(a, b)).map(([, input]) => input),
    sources: [...sources],
    outputs: [...files]
      .map(([path, content]) => ({ path, sha256: sha256(content), size: content.length }))
      .sort((a, b) => compareCodeUnits(a.path, b.path)),
  };
  const file = (path: string) => files.get(path)!;
  return {
    platform: feeds[0]!.part.platform,
    manifest,
    manifestText: manifestText(manifest),
    file,
    load: async (path) => file(path),
  };
}

function filesOf(lines: ReturnType<typeof assessmentFiles>): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const [path, texts] of lines) {
    const content = Buffer.from(texts.map(({ text }) => `${text}\n`).join(''));
    files.set(path, content);
    files.set(offsetsPath(path), offsetsOf(content, path));
  }
  return files;
}

/** Reverse of assessmentFiles, for the file of one part. */
function readShare({ platform, manifest, file }: FeedPart): Pick<Share, 'byId' | 'percentiles'> {
  const path = `index/${platform}.jsonl`;
  const byId = new Map<string, Assessment>();
  let percentiles: readonly number[] = [];
  if (!manifest.outputs.some((output) => output.path === path)) return { byId, percentiles };
  for (const line of file(path).toString('utf8').split('\n').filter(Boolean)) {
    const record = JSON.parse(line) as RatingsRecord | ExploitedRecord | EpssBlock | EpssPercentiles;
    if ('table' in record) percentiles = record.least;
    else if ('block' in record) for (const each of scoresOf(record)) byId.set(each.id, each);
    else if ('added' in record) {
      const { id, ...exploited } = record;
      byId.set(id, { id, ratings: [], exploited });
    } else byId.set(record.id, assessmentOf(record));
  }
  return { byId, percentiles };
}

function* scoresOf(block: EpssBlock): Generator<Assessment> {
  for (const [at, probability] of epssScores(block)) {
    // A percentile is made of the probability when it is read.
    const epss = { probability: probability / epssUnit, percentile: 0 };
    yield { id: cveOf({ block: block.block, at }), ratings: [], epss };
  }
}
