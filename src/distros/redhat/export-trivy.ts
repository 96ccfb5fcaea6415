import { isKey, notAKey } from '../../export/rows/keys.ts';
import type { ExportContext } from '../../export/rows/rows.ts';
import {
  type Spill,
  type TrivyBucket,
  type TrivyChild,
  type TrivyContext,
  type TrivyLayout,
  trivySeverity,
  trivyStatus,
} from '../../export/rows/trivy-layout.ts';
import { shardLines } from '../../feed/read/whole-file.ts';
import type { FeedPlatform } from '../../model/feed/index.ts';
import { pushTo } from '../../model/order.ts';
import { type BinaryRow, binaryRows } from '../shared/export/rpm-rows.ts';
import { StreamBook } from './export-streams.ts';
import { isLayered } from './rule-streams.ts';

/**
 * Trivy has one bucket for all releases: package -> advisory or CVE -> entries, each with the indexes of the CPEs that it is
 * for. Another bucket has the indexes of each repository. Here an index is a stream of RHEL or of a layered product: an
 * image has those of its repositories.
 */
export const redHatTrivy: TrivyLayout = {
  buckets(platforms, context) {
    if (platforms.length === 0) return [];
    const book = new StreamBook(context.feed, platforms);
    const source = {
      ID: 'redhat',
      Name: 'Red Hat CSAF VEX, compiled by scapfeed',
      URL: 'https://security.access.redhat.com/data/csaf/v2/vex/',
    };
    return [
      { name: 'Red Hat', source, content: () => packages(platforms, book, context) },
      { name: 'Red Hat CPE', content: () => cpes(book) },
    ] satisfies TrivyBucket[];
  },
};

function* cpes({ streams, repositories }: StreamBook): Generator<TrivyChild> {
  yield { name: 'cpe', pairs: byKey(streams.map(({ cpe }, at) => [String(at), JSON.stringify(cpe)])) };
  yield { name: 'nvr', pairs: [] };
  yield {
    name: 'repository',
    pairs: byKey(
      [...repositories].filter(([id]) => isKey(id)).map(([id, places]) => [id, JSON.stringify(places)]),
    ),
  };
}

function byKey(pairs: [string, string][]): [string, string][] {
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Platforms are written one after the other into sorted files, which are then merged. */
function* packages(
  platforms: readonly FeedPlatform[],
  book: StreamBook,
  context: TrivyContext,
): Generator<TrivyChild> {
  const parts = platforms.map((platform) => {
    const spill = context.spill();
    spillPlatform(platform, book, context, spill);
    return spill;
  });
  let child: { name: string; entries: Map<string, string[]> } | undefined;
  for (const [name, value] of merged(parts)) {
    if (child?.name !== name) {
      if (child) yield finished(child);
      child = { name, entries: new Map() };
    }
    for (const [key, entries] of JSON.parse(value) as [string, string[]][])
      for (const entry of entries) pushTo(child.entries, key, entry);
  }
  if (child) yield finished(child);
}

function finished({ name, entries }: { name: string; entries: ReadonlyMap<string, string[]> }): TrivyChild {
  return {
    name,
    pairs: byKey([...entries].map(([key, values]) => [key, `{"Entries":[${values.join()}]}`])),
  };
}

/** One line for each package of a platform: its keys with their entries. */
function spillPlatform(
  { id: platform }: FeedPlatform,
  book: StreamBook,
  context: TrivyContext,
  spill: Spill,
) {
  const children: [string, BinaryRow[]][] = [];
  noteGeneral(platform, context);
  for (const { name, rows, guessed, severalSources } of binaryRows(
    context.feed,
    platform,
    book.of(platform),
  )) {
    const byModule = new Map<string, BinaryRow[]>();
    for (const row of rows) {
      const key = row.module === undefined ? name : `${row.module}::${name}`;
      pushTo(byModule, key, row);
    }
    if (guessed) context.inexact.item(platform, 'binaries_unknown', binariesUnknown, name, idsOf(rows));
    if (severalSources)
      context.inexact.item(platform, 'several_sources', severalSourcesText, name, idsOf(rows));
    children.push(...byModule);
  }
  for (const [key, rows] of children.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const entries = entriesOf(key, rows, platform, context);
    if (entries.length > 0) spill.add(key, JSON.stringify(entries));
  }
}

function idsOf(rows: readonly BinaryRow[]): string[] {
  return [...new Set(rows.flatMap(({ ids }) => ids))];
}

/** Under the advisory if there is a fix, else under the CVE. */
function entriesOf(
  name: string,
  rows: readonly BinaryRow[],
  platform: string,
  { vulnerabilities, inexact }: TrivyContext,
): [string, string[]][] {
  const entries = new Map<string, string[]>();
  const add = (key: string, entry: object) => pushTo(entries, key, JSON.stringify(entry));
  for (const row of rows) {
    if (row.status === 'not_affected' || row.status === 'fixed') continue;
    const Severity = trivySeverity[row.severity];
    const [advisory] = row.advisories;
    if (row.fixState === 'other_channel')
      inexact.item(platform, 'other_channel', otherChannel, name, row.ids);
    if (row.byMinor) inexact.item(platform, 'several_minors', severalMinors, name, row.ids);
    if (row.notForNoarch) inexact.item(platform, 'noarch', noarch, name, row.ids);
    const odd = isKey(name) && isKey(advisory ?? 'none') ? row.ids.filter((id) => !isKey(id)) : row.ids;
    if (odd.length > 0) {
      inexact.leftOut(platform, 'odd_name', notAKey, name, row.ids);
      continue;
    }
    inexact.wrote(platform, row.ids.length);
    for (const id of row.ids) vulnerabilities.add(id, 'redhat', row.severity);
    if (row.fixed !== undefined && advisory !== undefined)
      add(advisory, {
        FixedVersion: row.fixed,
        Cves: row.ids.map((ID) => ({ ID, Severity })),
        ...scope(row),
      });
    else {
      const fixed = row.fixed === undefined ? {} : { FixedVersion: row.fixed };
      for (const id of row.ids) add(id, { ...fixed, Cves: [{ Severity }], ...scope(row) });
    }
  }
  return [...entries];
}

function scope({ arch, streams, status, fixed, fixState }: BinaryRow) {
  return {
    ...(arch === undefined ? {} : { Arches: arch }),
    Affected: streams,
    Status: statusOf(status, fixed, fixState),
  };
}

function statusOf(
  status: BinaryRow['status'],
  fixed: string | undefined,
  fixState: BinaryRow['fixState'],
): number {
  if (status === 'under_investigation') return trivyStatus.under_investigation;
  if (fixed !== undefined) return trivyStatus.fixed;
  if (fixState === 'will_not_fix' || fixState === 'fix_deferred' || fixState === 'end_of_life')
    return trivyStatus[fixState];
  return trivyStatus.affected;
}

/** Lines of several sorted files in the order of their keys; of equal keys the first file's first. */
function* merged(parts: readonly Spill[]): Generator<readonly [string, string]> {
  const heads = parts.map((part) => {
    const lines = part.read()[Symbol.iterator]();
    return { lines, next: lines.next() };
  });
  for (;;) {
    const open = heads.filter(({ next }) => next.done !== true);
    if (open.length === 0) return;
    const first = open.reduce((least, head) => (head.next.value[0] < least.next.value[0] ? head : least));
    yield first.next.value;
    first.next = first.lines.next();
  }
}

function noteGeneral(platform: string, { inexact, feed }: ExportContext): void {
  const containers = [...shardLines(feed, platform)].filter((line) => line.package.startsWith('oci:'));
  for (const { package: name, claims } of containers) {
    const ids = claims.flatMap((claim) => claim.ids);
    inexact.leftOut(platform, 'container', container, name, ids);
  }
  if (isLayered(platform)) inexact.general(platform, 'layered_with_rhel', layeredWithRhel);
  else for (const [cause, what] of generalCauses) inexact.general(platform, cause, what);
}

const binariesUnknown = 'No document shows binaries of the source: only one of its name is looked up.';
const severalSourcesText =
  'A binary that is built from several sources is judged by the rows of all of them, whichever source a build is from.';
const otherChannel =
  'The fix is in a stream that the system does not install from; Trivy has no word for it.';
const severalMinors =
  'Of fixes in several minors Trivy takes the highest; scapfeed takes that of the minor of the build or the image.';
const noarch = 'Trivy judges a noarch build by what is said of any architecture, and takes the highest fix.';
const container = 'A statement about a container as a whole; Trivy has no place for these.';
const layeredWithRhel =
  "scapfeed lets a layered product's row outweigh RHEL's; Trivy takes the highest fix of all that match.";

const generalCauses: readonly (readonly [string, string])[] = [
  [
    'several_streams',
    'An image with repositories of several streams or minors gets the highest fix of all of them in Trivy.',
  ],
  [
    'no_repositories',
    'An image without a list of its repositories is taken for one with BaseOS and AppStream of its major.',
  ],
  ['foreign_vendor', 'Trivy judges packages of other vendors and signers by these rows, too.'],
  ['unparsable_version', 'A version that is not one of an rpm is compared all the same.'],
  ['no_module_label', 'Trivy knows a module by the label of the rpm only.'],
  ['binary_epoch', 'A binary whose epoch or version is not that of its source is compared by its own.'],
];
