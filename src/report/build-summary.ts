import { dataDay, undated } from '../model/data-date.ts';
import type { FindingSummary, Manifest } from '../model/feed/index.ts';
import { feedPlatformList } from '../model/nearest.ts';
import { compareNaturally } from '../model/order.ts';
import { line } from './printable.ts';
import { shellWord } from './shell-word.ts';
import { plural, textTable, thousands } from './text-table.ts';

/** The part of an OVAL report that the summary prints. */
export interface WrittenOval {
  platform: string;
  files: readonly { name: string; definitions: number }[];
  inexact: { name: string; items: number };
  /** Why there are no OVAL files. */
  without?: string;
}

/** A source that could not be updated. */
export interface FailedSource {
  source: string;
  code: string;
  instead: 'last_good' | 'absent';
  /** Date of its last good data, ISO 8601 UTC. */
  dataOf?: string;
}

/**
 * Formats what a build did: platforms, counts of used and unused input records, what to do next. `old`: the platforms whose data a scan
 * refuses, unless it accepts any age.
 */
export function buildSummary(
  out: string,
  manifest: Manifest,
  oval: readonly WrittenOval[],
  failed: readonly FailedSource[],
  old: Manifest['platforms'] = [],
): string {
  // One that was not read has no account: zero records would look like a vendor without statements.
  const unread = new Set(failed.flatMap(({ source, instead }) => (instead === 'absent' ? source : [])));
  const accounts = manifest.sources.filter(({ id }) => !unread.has(id));
  return [
    line(
      `feed in ${out}, made from vendor data ${manifest.created === undated ? 'without a date' : `of ${manifest.created}`}`,
    ),
    '\n',
    platformTable(manifest, oval),
    '\n',
    ...failedLines(failed),
    ...accounts.flatMap(({ name, records, used, dropped, findings }) => [
      line(
        `${name}: ${plural(records, 'record')} in = ${thousands(used)} used + ${thousands(dropped)} not used`,
      ),
      ...findings.map(findingLine),
    ]),
    oval.some(({ files }) => files.length > 0)
      ? `\n${line(`OVAL in ${out}/oval; what it cannot say as the index does is listed in ${out}/oval/*.inexact.json`)}`
      : '',
    ...withoutOval(oval),
    ...nextLines(out, manifest, old),
  ].join('');
}

/** A scan that works for all platforms, or for most, and what the others need. */
function nextLines(out: string, { platforms, sources }: Manifest, old: Manifest['platforms']): string[] {
  const scan = `next: scapfeed scan IMAGE --feed ${shellWord(out)}`;
  if (platforms.length > 0 && old.length === platforms.length) return [line(`${scan} --max-age 0`)];
  const bySource = Map.groupBy(old, ({ source }) => source);
  const tooOld = [...bySource].map(([source, of]) => {
    const name = sources.find(({ id }) => id === source)?.name ?? source;
    return `${feedPlatformList(of.map(({ id }) => id))} (${name})`;
  });
  return [
    line(scan),
    ...tooOld.map((which) =>
      line(`      too old for that: ${which}; build again with newer data, or add --max-age 0`),
    ),
  ];
}

function platformTable({ platforms }: Manifest, oval: readonly WrittenOval[]): string {
  const rows = [...platforms]
    .sort((a, b) => compareNaturally(a.id, b.id))
    .map(({ id, packages, statements, updated }) => {
      const files = oval.find(({ platform }) => platform === id)?.files;
      const definitions = files?.map(({ definitions }) => definitions).reduce((a, b) => Math.max(a, b), 0);
      return [
        id,
        dataDay(updated),
        thousands(packages),
        thousands(statements),
        files?.length
          ? `${plural(files.length, 'file')}, largest of ${plural(definitions!, 'definition')}`
          : 'none',
      ];
    });
  return textTable(['PLATFORM', 'DATA OF', 'PACKAGES', 'STATEMENTS', 'OVAL'], rows);
}

/** One line for each reason, because many products may have no OVAL. */
function withoutOval(oval: readonly WrittenOval[]): string[] {
  const reasons = new Set(oval.flatMap(({ without }) => without ?? []));
  return [...reasons].map((reason) => {
    const platforms = oval.flatMap(({ platform, without }) => (without === reason ? platform : []));
    const which =
      platforms.length === 1 ? platforms[0] : `${platforms.length} platforms (${platforms[0]}, …)`;
    return line(`no OVAL of ${which}: ${reason}`);
  });
}

/** One line for each reason: a mirror can be without most vendors. */
function failedLines(failed: readonly FailedSource[]): string[] {
  const reasons = Map.groupBy(failed, ({ code, instead, dataOf }) => JSON.stringify([code, instead, dataOf]));
  return [...reasons.values()].map((alike) => {
    const { code, instead, dataOf } = alike[0]!;
    const names = alike.map(({ source }) => source).join(', ');
    const [have, their] = alike.length > 1 ? ['have', 'their'] : ['has', 'its'];
    return line(
      instead === 'last_good' && dataOf !== undefined
        ? `${names} could not be updated (${code}): ${their} platforms use the last good data, of ${dataOf}`
        : `${names} could not be read (${code}) and ${have} no last good data: ${their} data is absent`,
    );
  });
}

function findingLine({ reason, dropped, count, examples }: FindingSummary): string {
  const kind = dropped ? 'not used' : 'used with a doubt';
  const first = examples[0]!;
  const detail = first.detail ? ` (${first.detail})` : '';
  return line(`  ${thousands(count)} ${kind}: ${reason.replaceAll('_', ' ')}, as at ${first.where}${detail}`);
}
