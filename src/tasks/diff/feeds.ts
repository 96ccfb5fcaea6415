import {
  didYouMean,
  feedPlatformList,
  type Inventory,
  ScapfeedError,
  type Verdict,
  type ViewedVerdict,
} from '../../model/index.ts';
import { type ChangesDocument, changesDocument } from '../../publish/changes/document.ts';
import { standingText } from '../../publish/changes/page.ts';
import { isAssessmentPart } from '../../publish/feed/assessment-parts.ts';
import { readFeedManifest, splitFeed } from '../../publish/feed/part.ts';
import {
  assessmentOrigins,
  assessOptions,
  assessVerdicts,
  choosePlatform,
  matchInventory,
  openFeed,
} from '../../runtime/index.ts';

/** The statements that differ between two feeds, by their folders. */
export function feedChanges(
  old: string,
  now: string,
  platforms: readonly string[] | undefined,
): ChangesDocument {
  const manifests = [old, now].map(readFeedManifest);
  requireKnown(
    platforms ?? [],
    manifests.flatMap((manifest) => manifest.platforms.map(({ id }) => id)),
  );
  const parts = (directory: string) =>
    splitFeed(directory, { oval: false, content: false }).filter(
      ({ platform }) => (platforms?.includes(platform) ?? true) || isAssessmentPart(platform),
    );
  const before = new Map(parts(old).map((part) => [part.platform, part]));
  return changesDocument(parts(now), before, manifests[1]!.created);
}

/** A platform that neither feed has would look like one in which nothing changed. */
function requireKnown(wanted: readonly string[], known: readonly string[]): void {
  const missing = wanted.find((platform) => !known.includes(platform));
  if (missing === undefined) return;
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `neither feed has the platform ${missing}`,
    remedy: didYouMean(missing, [...new Set(known)], feedPlatformList),
  });
}

/** A verdict on an image that differs between two feeds. */
export interface Flip {
  vulnerability: string;
  package: string;
  installed: string;
  before: string;
  after: string;
}

const noVerdict = 'no verdict';

/** Changed verdicts of one image. A change between two verdicts that both clear the package is left out. */
export function verdictFlips(old: string, now: string, inventory: Inventory): Flip[] {
  const { verdicts: before, assessed: wasAssessed } = verdictsOf(old, inventory);
  const { verdicts: after, assessed: isAssessed } = verdictsOf(now, inventory);
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  // Otherwise every verdict would have changed, on the first night with ratings.
  const assessed = wasAssessed && isAssessed;
  return keys.flatMap((key) => {
    const was = before.get(key);
    const is = after.get(key);
    const told = [was, is].map((verdict) => (verdict ? describe(verdict, assessed) : noVerdict));
    const open = [was, is].some((verdict) => verdict !== undefined && !cleared.has(verdict.status));
    if (told[0] === told[1] || !open) return [];
    const { package: pkg, vulnerability } = (is ?? was)!;
    return {
      vulnerability,
      package: `${pkg.name}:${pkg.arch}`,
      installed: pkg.version,
      before: told[0]!,
      after: told[1]!,
    };
  });
}

const cleared: ReadonlySet<string> = new Set(['fixed', 'not_affected']);

/** The result of one of the two feeds for an inventory. */
interface JudgedNight {
  verdicts: ReadonlyMap<string, ViewedVerdict>;
  /** The feed has ratings or knows of exploitation. */
  assessed: boolean;
}

/** By package, version and vulnerability: several versions of a kernel can be installed under one name. */
function verdictsOf(directory: string, inventory: Inventory): JudgedNight {
  const feed = openFeed(directory);
  try {
    const { manifest } = feed;
    const { platform } = choosePlatform(manifest.platforms, inventory, { map: new Map() });
    const matched = matchInventory(feed, feed.shard(platform.id)!, inventory, { all: true });
    const origins = assessmentOrigins(manifest, new Date(manifest.created));
    const verdicts = assessVerdicts(feed, matched.verdicts, assessOptions(manifest, platform, origins));
    return {
      verdicts: new Map(verdicts.map((verdict) => [keyOf(verdict), verdict])),
      assessed: origins.length > 0,
    };
  } finally {
    feed.close();
  }
}

function keyOf({ package: { name, arch, version }, vulnerability }: Verdict): string {
  return [name, arch, version, vulnerability].join('\0');
}

function describe(verdict: ViewedVerdict, assessed: boolean): string {
  const { severity, severitySource: by, exploited } = verdict;
  const words = statusText(verdict);
  if (!assessed || cleared.has(verdict.status)) return words;
  return `${words}; ${severity}${by ? ` by ${by}` : ''}${exploited ? ', known exploited' : ''}`;
}

function statusText({ status, fixState, fixedVersion }: Verdict): string {
  if (fixState === 'available') return `affected, fixed in ${fixedVersion}`;
  return standingText({
    status,
    ...(fixState ? { fixState } : {}),
    ...(status === 'fixed' && fixedVersion !== undefined ? { fixed: fixedVersion } : {}),
  });
}
