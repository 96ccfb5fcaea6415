import {
  assessmentOf,
  decideSeverity,
  type ExploitedRecord,
  isByRansomware,
  type RatingSource,
  type RatingsRecord,
  type Severity,
} from '../../model/feed/index.ts';
import { readLines } from '../feed/lines.ts';
import type { FeedPart } from '../feed/part.ts';

/** A vulnerability that was added to or removed from the catalogs of known exploited ones. */
export interface ExploitedChange extends Omit<ExploitedRecord, 'id'> {
  kind: 'now_exploited' | 'no_longer_exploited';
  vulnerability: string;
}

/** The severity by NVD, CISA and the CNA, in this order, for distributions without their own. */
export interface RatedAs {
  severity: Severity;
  source?: RatingSource;
  rejected?: true;
}

/** A change of a severity that is not the distribution's own. */
export interface RatingChange {
  vulnerability: string;
  before: RatedAs;
  after: RatedAs;
}

/** Changes of vulnerabilities themselves, independent of the platform. */
export interface AssessmentChanges {
  exploited: ExploitedChange[];
  ratings: RatingChange[];
}

type Parts = ReadonlyMap<string, FeedPart>;

/** Undefined: one of the feeds has neither ratings nor known exploitation, so that everything would be new. */
export function assessmentChanges(before: Parts, after: Parts): AssessmentChanges | undefined {
  // A feed without a catalog of known exploited flaws has the part all the same, without the list.
  const lists = (parts: Parts, part: string) =>
    parts.get(part)?.manifest.outputs.some(({ path }) => path === `index/${part}.jsonl`) === true;
  const both = (part: string) => lists(before, part) && lists(after, part);
  if (!both('exploited') && !both('ratings')) return undefined;
  return {
    exploited: both('exploited') ? exploitedChanges(before.get('exploited')!, after.get('exploited')!) : [],
    ratings: both('ratings') ? ratingChanges(before.get('ratings')!, after.get('ratings')!) : [],
  };
}

function exploitedChanges(before: FeedPart, after: FeedPart): ExploitedChange[] {
  return differingLines(before, after, 'index/exploited.jsonl').flatMap(([was, is]) => {
    if (was !== undefined && is !== undefined) return [];
    const { id, ...entry } = JSON.parse((is ?? was)!) as ExploitedRecord;
    const kind = was === undefined ? 'now_exploited' : 'no_longer_exploited';
    return { kind, vulnerability: id, ...entry };
  });
}

function ratingChanges(before: FeedPart, after: FeedPart): RatingChange[] {
  return differingLines(before, after, 'index/ratings.jsonl').flatMap(([was, is]) => {
    const { id } = JSON.parse((is ?? was)!) as RatingsRecord;
    const change = { vulnerability: id, before: ratedAs(was), after: ratedAs(is) };
    return isSame(change.before, change.after) ? [] : change;
  });
}

function ratedAs(line: string | undefined): RatedAs {
  if (line === undefined) return { severity: 'unknown' };
  const assessment = assessmentOf(JSON.parse(line) as RatingsRecord);
  const { severity, source } = decideSeverity({ severity: 'unknown' }, assessment);
  return {
    severity,
    ...(source === undefined ? {} : { source }),
    ...(assessment.rejected ? { rejected: true } : {}),
  };
}

function isSame(a: RatedAs, b: RatedAs): boolean {
  return a.severity === b.severity && a.source === b.source && a.rejected === b.rejected;
}

type LinePair = [was: string | undefined, is: string | undefined];

/** The lines that differ, by key. */
function differingLines(before: FeedPart, after: FeedPart, path: string): LinePair[] {
  const old = linesOf(before, path);
  const now = linesOf(after, path);
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  return keys.flatMap((key) => {
    const pair: LinePair = [old.get(key), now.get(key)];
    return pair[0] === pair[1] ? [] : [pair];
  });
}

function linesOf({ manifest, file }: FeedPart, path: string): Map<string, string> {
  if (!manifest.outputs.some((output) => output.path === path)) return new Map();
  const content = file(path);
  return new Map(
    readLines(content, path).map(({ key, start, end }) => [key, content.toString('utf8', start, end)]),
  );
}

/** `CVE-2024-0001 is now known exploited: added 2024-03-10, due 2024-03-31, used in ransomware campaigns`. */
export function exploitedText(change: ExploitedChange): string {
  const { kind, vulnerability, added, due, eu, only } = change;
  if (kind === 'no_longer_exploited')
    return `${vulnerability} is no longer in ${only === 'eu' ? "the EU's list" : "CISA's catalog"} of known exploited flaws`;
  const details = [
    `added ${added}`,
    ...(due === undefined ? [] : [`due ${due}`]),
    ...(eu ? [`${eu.id} in the EU's list`] : []),
    ...(isByRansomware(change) ? ['used in ransomware campaigns'] : []),
  ];
  return `${vulnerability} is now known exploited: ${details.join(', ')}`;
}

/** `high (nvd)`, `rejected`. */
export function ratedText({ severity, source, rejected }: RatedAs): string {
  if (rejected) return 'rejected';
  return source === undefined ? severity : `${severity} (${source})`;
}
