import type { Layer } from '../model/inventory/index.ts';
import { pathMatcher } from '../model/path-glob.ts';
import {
  type EntryUse,
  type Ignored,
  idsOfFlaw,
  isMalicious,
  type ViewedVerdict,
} from '../model/verdict/index.ts';
import { type Entry, type IgnoreEntry, isExpired, type PolicyFile } from './policy.ts';

/** Verdicts with what was put aside, and what became of each entry. */
export interface IgnoreResult {
  verdicts: readonly ViewedVerdict[];
  entries: readonly EntryUse[];
}

/** Puts aside what the entries of a policy name. The first one that matches counts; expired ones are only counted. */
export function ignoreByPolicy(
  verdicts: readonly ViewedVerdict[],
  { file, ignore }: Pick<PolicyFile, 'file' | 'ignore'>,
  layers: readonly Layer[],
  day: string,
): IgnoreResult {
  const entries = ignore.map((entry) => ({
    entry,
    matches: matcherOf(entry, layers),
    expired: isExpired(entry, day),
    count: 0,
  }));
  const judged = verdicts.map((verdict) => {
    if (verdict.ignored !== undefined) return verdict;
    let ignored: Ignored | undefined;
    for (const each of entries) {
      if ((ignored && !each.expired) || !each.matches(verdict)) continue;
      each.count += 1;
      if (!each.expired) ignored = ignoredBy(each.entry, file);
    }
    return ignored ? { ...verdict, ignored } : verdict;
  });
  return {
    verdicts: judged,
    entries: entries.map(({ entry, expired, count }) => entryUse(entry, expired, count)),
  };
}

export function entryUse({ where, line, reason, until }: Entry, expired: boolean, count: number): EntryUse {
  return {
    where,
    line,
    reason,
    ...(until === undefined ? {} : { until }),
    state: expired ? 'expired' : count > 0 ? 'used' : 'unused',
    verdicts: count,
  };
}

function ignoredBy({ where, reason, until }: IgnoreEntry, file: string): Ignored {
  return { by: 'policy', reason, where: `${file}#${where}`, ...(until === undefined ? {} : { until }) };
}

function matcherOf(entry: IgnoreEntry, layers: readonly Layer[]): (verdict: ViewedVerdict) => boolean {
  const vulnerabilities = new Set(entry.vulnerability);
  const isPackage = pathMatcher(entry.package);
  const isPath = pathMatcher(entry.path);
  const states = new Set(entry.state);
  return ({ package: pkg, status, fixState, ...flaw }) =>
    // A package that was published to do harm is accepted by its own id only.
    (vulnerabilities.size === 0
      ? !isMalicious(flaw)
      : idsOfFlaw(flaw).some((id) => vulnerabilities.has(id))) &&
    (entry.package.length === 0 || isPackage(pkg.name) || isPackage(pkg.source.name)) &&
    (entry.path.length === 0 || isPath(pkg.database)) &&
    (entry.layer.length === 0 || entry.layer.some((layer) => isLayer(layer, pkg.layer, layers))) &&
    (states.size === 0 || states.has(fixState ?? status));
}

/** A number as tables count layers, or a digest of the layer. */
function isLayer(wanted: string, index: number | undefined, layers: readonly Layer[]): boolean {
  if (index === undefined) return false;
  if (/^\d+$/.test(wanted)) return Number(wanted) === index + 1;
  const layer = layers[index];
  return layer?.diffId === wanted || layer?.digest === wanted;
}
