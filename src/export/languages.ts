import { type Ecosystem, ecosystemOf } from '../ecosystems/ecosystems.ts';
import type { Feed } from '../feed/read/feed.ts';
import {
  type FeedPlatform,
  recordSeverities,
  type Severity,
  type ShardClaim,
  type ShardLine,
} from '../model/feed/index.ts';
import { compareIds } from '../model/order.ts';
import { informational } from '../model/verdict/index.ts';

/** The packages of one language in a feed. */
export interface LanguagePlatform {
  platform: FeedPlatform;
  ecosystem: Ecosystem;
}

export function languagePlatforms({ manifest }: Feed): LanguagePlatform[] {
  return manifest.platforms.flatMap((platform) => {
    const ecosystem = ecosystemOf(platform.id);
    return ecosystem ? [{ platform, ecosystem }] : [];
  });
}

/** The flaws of a package, each with the claims of every record that states it, in natural order of ids. */
export function flawsOf({ claims }: Pick<ShardLine, 'claims'>): [id: string, claims: ShardClaim[]][] {
  const flaws = new Map<string, ShardClaim[]>();
  for (const claim of claims) {
    if (isNotice(claim)) continue;
    for (const id of claim.ids) {
      const known = flaws.get(id);
      if (known) known.push(claim);
      else flaws.set(id, [claim]);
    }
  }
  return [...flaws].sort(([a], [b]) => compareIds(a, b));
}

/** True for what is no flaw: scanners have no place for it. */
export function isNotice({ marks = [] }: Pick<ShardClaim, 'marks'>): boolean {
  return marks.includes(informational);
}

/** Names with more separators have too many spellings. */
const mostSeparators = 4;

/** The spellings of a name of the feed where a registry takes `separator` for a hyphen; of a name with many separators those with one kind. */
export function spellingsOf(name: string, separator: string | undefined): string[] {
  const [first = '', ...others] = name.split('-');
  if (separator === undefined || others.length === 0) return [name];
  if (!hasEverySpelling(name)) return [name, name.replaceAll('-', separator)];
  let names = [first];
  for (const other of others)
    names = names.flatMap((each) => [`${each}-${other}`, `${each}${separator}${other}`]);
  return names;
}

/** False for a name with too many separators. */
export function hasEverySpelling(name: string): boolean {
  return name.split('-').length <= mostSeparators + 1;
}

/** The severity of a flaw in a package by its records, as a scan has it by the order of ratings that is the default. */
export function severityOfRecords(claims: readonly ShardClaim[]): Severity {
  const { severity, ghsaSeverity = 'unknown' } = recordSeverities(claims);
  return severity === 'unknown' ? ghsaSeverity : severity;
}
