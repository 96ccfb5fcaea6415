import { ScapfeedError } from '../../model/error.ts';
import type { Inventory } from '../../model/inventory/index.ts';
import { didYouMean, feedPlatformList } from '../../model/nearest.ts';
import {
  type Gap,
  isMalicious,
  type Judgement,
  type Verdict,
  type ViewedVerdict,
} from '../../model/verdict/index.ts';
import { type ChangesDocument, changesDocument } from '../../publish/changes/document.ts';
import { standingText } from '../../publish/changes/page.ts';
import { readFeedManifest, splitFeed } from '../../publish/feed/part.ts';
import { isAssessmentPart } from '../../published/assessment-parts.ts';
import { judge, openFeed } from '../../runtime/node.ts';

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

/** Verdicts of two feeds on one image. */
export interface VerdictFlips {
  /** A change between two verdicts that both clear the package is left out. */
  flips: Flip[];
  /** The platform by the later feed. */
  platform: Judgement['platform'];
  /** Reasons why the image is not known in full by one of the feeds. */
  gaps: readonly Gap[];
}

/** `date`: the day of which both feeds are asked. */
export function verdictFlips(old: string, now: string, inventory: Inventory, date: Date): VerdictFlips {
  const [was, is] = [old, now].map((directory) => judgedBy(directory, inventory, date)) as [
    Judgement,
    Judgement,
  ];
  const [before, after] = [was, is].map(verdictsByKey) as [JudgedNight, JudgedNight];
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  // Otherwise every verdict would have changed, on the first night with ratings.
  const assessed = [was, is].every(({ assessments }) => assessments.length > 0);
  const flips = keys.flatMap((key) => {
    const was = before.get(key);
    const is = after.get(key);
    const texts = [was, is].map((verdict) => (verdict ? describe(verdict, assessed) : noVerdict));
    const open = [was, is].some((verdict) => verdict !== undefined && !cleared.has(verdict.status));
    if (texts[0] === texts[1] || !open) return [];
    const { package: pkg, vulnerability } = (is ?? was)!;
    return {
      vulnerability,
      package: `${pkg.name}:${pkg.arch}`,
      installed: pkg.version,
      before: texts[0]!,
      after: texts[1]!,
    };
  });
  const lost = was.gaps.filter(({ code }) => !is.gaps.some((gap) => gap.code === code));
  return { flips, platform: is.platform, gaps: [...lost, ...is.gaps] };
}

const cleared: ReadonlySet<string> = new Set(['fixed', 'not_affected']);

function judgedBy(directory: string, inventory: Inventory, now: Date): Judgement {
  const feed = openFeed(directory);
  try {
    return judge(feed, inventory, { all: true, now });
  } finally {
    feed.close();
  }
}

type JudgedNight = ReadonlyMap<string, ViewedVerdict>;

/** By package, version and vulnerability: several versions of a kernel can be installed under one name. */
function verdictsByKey({ verdicts }: Judgement): JudgedNight {
  return new Map(verdicts.map((verdict) => [keyOf(verdict), verdict]));
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

function statusText({ status, fixState, fixedVersion, marks }: Verdict): string {
  const isMalware = status === 'affected' && isMalicious({ marks });
  if (fixState === 'available' && !isMalware) return `affected, fixed in ${fixedVersion}`;
  return standingText({
    status,
    ...(fixState ? { fixState } : {}),
    ...(isMalware ? { malicious: true as const } : {}),
    ...(status === 'fixed' && fixedVersion !== undefined ? { fixed: fixedVersion } : {}),
  });
}
