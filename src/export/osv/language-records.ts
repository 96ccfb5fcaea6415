import type { Ecosystem } from '../../ecosystems/ecosystems.ts';
import { shardLines } from '../../feed/read/whole-file.ts';
import { documentDate, requireDate } from '../../model/data-date.ts';
import { type Severity, type ShardClaim, worseSeverity } from '../../model/feed/index.ts';
import { compareIds } from '../../model/order.ts';
import { type Interval, parseRange } from '../../packaging/range.ts';
import {
  hasEverySpelling,
  isNotice,
  type LanguagePlatform,
  languagePlatforms,
  spellingsOf,
} from '../languages.ts';
import { Partitions } from '../partitions.ts';
import type { TargetWork } from '../target.ts';
import { writeArchive } from './archive.ts';
import { type OsvAffected, type OsvRange, osvRecord } from './record.ts';

/** One claim of the feed about a package, as an entry of `affected`. */
interface Stated {
  ids: readonly string[];
  severity: Severity;
  affected: OsvAffected[];
}

/** Writes the records that the packages of languages were compiled from, as far as verdicts depend on them. Returns the ecosystems. */
export function writeLanguages(work: TargetWork): string[] {
  return languagePlatforms(work.feed).map((language) => {
    writeLanguage(language, work);
    return language.ecosystem.name;
  });
}

function writeLanguage({ platform, ecosystem }: LanguagePlatform, work: TargetWork): void {
  const { feed, folder, inexact, progress } = work;
  progress(`writing OSV records of ${ecosystem.name}`);
  const modified = requireDate(documentDate(platform.updated, feed.manifest.created), 'OSV');
  const stated = new Partitions(folder);
  try {
    for (const { package: name, claims } of shardLines(feed, platform.id)) {
      if (ecosystem.id === 'cargo' && !hasEverySpelling(name))
        inexact.item(
          platform.id,
          'spelling',
          severalSpellings,
          name,
          claims.flatMap(({ ids }) => ids),
        );
      for (const claim of claims) {
        if (isNotice(claim)) continue;
        const { ids, marks = [], severity = 'unknown', advisories: [record = ids[0]!] = [] } = claim;
        if (marks.includes('part_of_module')) inexact.item(platform.id, 'part_of_module', ofPart, name, ids);
        if (ecosystem.id === 'nuget') inexact.general(platform.id, 'letter_case', inLowerCase);
        inexact.wrote(platform.id, ids.length);
        const affected = affectedOf(ecosystem, name, claim);
        stated.add(record, JSON.stringify({ ids, severity, affected } satisfies Stated));
      }
    }
    writeArchive(folder, ecosystem.name, modified, records());
  } finally {
    stated.remove();
  }

  function* records() {
    for (const [id, values] of stated.read()) {
      const all = values.map((value) => JSON.parse(value) as Stated);
      const flaws = [...new Set(all.flatMap(({ ids }) => ids))].sort(compareIds);
      const record = osvRecord(id, {
        ...{ details: flaws[0]!, aliases: flaws, modified, feed },
        // A record that names some of its flaws by an alias has a claim for these, about the same versions.
        affected: [...new Set(all.flatMap(({ affected }) => affected.map((each) => JSON.stringify(each))))],
        severity: all.map(({ severity }) => severity).reduce(worseSeverity),
      });
      if (record) yield record;
      else {
        inexact.leftOut(platform.id, 'odd_name', oddId, '', [id]);
        inexact.wrote(platform.id, -1);
      }
    }
  }
}

function affectedOf(
  { id, name: ecosystem }: Ecosystem,
  name: string,
  { range = '*' }: ShardClaim,
): OsvAffected[] {
  const { intervals, versions } = parseRange(range);
  const ranges = intervals.map((interval) => ({
    type: isSemantic(id, interval) ? ('SEMVER' as const) : ('ECOSYSTEM' as const),
    events: eventsOf(interval),
  }));
  return spellingsOf(name, id === 'cargo' ? '_' : undefined).map((spelling) => ({
    package: { ecosystem, name: spelling },
    ...(ranges.length > 0 && { ranges }),
    ...(versions.length > 0 && { versions: [...versions] }),
  }));
}

function eventsOf({ from = '0', fixed, last }: Interval): OsvRange['events'] {
  return [
    { introduced: from },
    ...(fixed === undefined ? [] : [{ fixed }]),
    ...(last === undefined ? [] : [{ last_affected: last }]),
  ];
}

/** Versions of the ecosystems that OSV compares by Semantic Versioning, if they are whole. */
function isSemantic(id: string, interval: Interval): boolean {
  return (
    ['cargo', 'golang', 'npm'].includes(id) &&
    Object.values(interval).every((bound) => semantic.test(bound as string))
  );
}

const semantic = /^\d{1,256}\.\d{1,256}\.\d{1,256}(?:[-+]|$)/;

const oddId = 'The id is none that OSV knows: it has to begin with the prefix of a registered database.';
const ofPart = 'The record names the packages of the module that have the flaw; here it is about the module.';
const inLowerCase = 'Names are in lower case, and osv-scanner compares letters exactly.';
const severalSpellings =
  'The registry takes several separators for one: of a name with many, the spellings with one kind are written.';
