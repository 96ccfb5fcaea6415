import {
  type FlawCounts,
  type ImageState,
  knownCounts,
  type ListedImage,
  type Severity,
  severities,
} from '../../../model/index.ts';
import type { FleetView, ViewedName } from '../../view/fleet-view.ts';
import { compareTexts } from '../../view/texts.ts';
import { type ListPage, pageOf, readCursor } from './cursor.ts';

export interface ImageSearch {
  q?: string;
  kind?: string;
  system?: string;
  platform?: string;
  state?: ImageState;
  severity?: Severity;
  exploited?: boolean;
  overdue?: boolean;
  digest?: string;
  owner?: string;
  sort: keyof typeof sortKeys;
  limit: number;
  cursor?: string;
}

const flaws = (counts: FlawCounts, words: readonly Severity[]) =>
  words.reduce((sum, word) => sum + counts.flaws[word], 0);

/** Images without counts come last. */
const counted = (of: (counts: FlawCounts) => number) => (name: ViewedName) => {
  const counts = knownCounts(name);
  return counts ? of(counts) : -1;
};

/** By what a list is sorted, the largest first, and then by name. */
export const sortKeys = {
  reference: () => 0,
  flaws: counted((counts) => flaws(counts, severities)),
  critical: counted((counts) => flaws(counts, ['critical'])),
  high: counted((counts) => flaws(counts, ['critical', 'high'])),
  exploited: counted(({ exploited }) => exploited),
  fixable: counted(({ fixable }) => fixable),
  uncovered: ({ counts }: ViewedName) => counts?.uncovered ?? -1,
  overdue: ({ overdue }: ViewedName) => overdue ?? -1,
  installed: ({ installed }: ViewedName) => installed ?? -1,
} as const;

/** The names that are looked up and as asked, a page of them. */
export async function searchImages(view: FleetView, search: ImageSearch): Promise<ListPage<ListedImage>> {
  const { sort, limit } = search;
  const key = sortKeys[sort];
  const sorted = await view.kept(`names by ${sort}, for programs`, async () =>
    (await view.names()).toSorted((a, b) => key(b) - key(a) || compareTexts(a.reference, b.reference)),
  );
  const [value, name] = (readCursor(search.cursor, ['number', 'string']) ?? []) as [number?, string?];
  const isAfter = (row: ViewedName) =>
    value === undefined || key(row) < value || (key(row) === value && row.reference > name!);
  const isWanted = wanted(search);
  const rows: ViewedName[] = [];
  for (const row of sorted) {
    if (isAfter(row) && isWanted(row)) rows.push(row);
    if (rows.length > limit) break;
  }
  const { items, next } = pageOf(rows, limit, (row) => [key(row), row.reference]);
  return { items: items.map(listed), next };
}

function wanted({
  q,
  kind,
  system,
  platform,
  state,
  severity,
  exploited,
  overdue,
  digest,
  owner,
}: ImageSearch): (row: ViewedName) => boolean {
  const word = q?.toLowerCase();
  const worse = severity === undefined ? [] : severities.slice(severities.indexOf(severity));
  const reaches = (row: ViewedName) => {
    const counts = knownCounts(row);
    return (
      counts !== null &&
      (severity === undefined || flaws(counts, worse) > 0) &&
      (exploited === undefined || counts.exploited > 0 === exploited)
    );
  };
  return (row) =>
    (word === undefined || row.reference.toLowerCase().includes(word)) &&
    (kind === undefined || row.kind === kind) &&
    (system === undefined || row.system === system) &&
    (platform === undefined || row.platform === platform) &&
    (digest === undefined || row.digest === digest) &&
    (overdue === undefined || (row.overdue !== null && row.overdue > 0 === overdue)) &&
    (owner === undefined || row.owners.includes(owner)) &&
    (state === undefined || row.state === state) &&
    ((severity === undefined && exploited === undefined) || reaches(row));
}

function listed({
  reference,
  kind,
  digest,
  system,
  platform,
  installed,
  counts,
  gaps,
  signed,
  unread,
  uncovered,
  unjudged,
  halfInstalled,
  owners,
  overdue,
  due,
  state,
}: ViewedName): ListedImage {
  return {
    ...{ reference, kind, digest, system, platform, installed, counts, gaps, signed },
    ...{ unread, uncovered, unjudged, halfInstalled, owners, overdue, due, state },
  };
}
