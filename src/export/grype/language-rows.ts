import type { Ecosystem } from '../../ecosystems/ecosystems.ts';
import { shardLines } from '../../feed/read/whole-file.ts';
import type { Severity, ShardClaim } from '../../model/feed/index.ts';
import { type Interval, parseRange } from '../../packaging/range.ts';
import {
  flawsOf,
  hasEverySpelling,
  type LanguagePlatform,
  severityOfRecords,
  spellingsOf,
} from '../languages.ts';
import type { ExportInexactList } from '../rows/inexact.ts';

/** Grype's type of packages of a language, and its order of versions. */
interface GrypeLanguage {
  type: string;
  /** `unknown`: it takes the order for semantic versions as far as they are some, else a loose one. */
  order: 'bitnami' | 'go' | 'gem' | 'maven' | 'python' | 'semver' | 'unknown';
}

const languages: Readonly<Record<Ecosystem['id'], GrypeLanguage>> = {
  bitnami: { type: 'bitnami', order: 'bitnami' },
  cargo: { type: 'rust-crate', order: 'semver' },
  composer: { type: 'php-composer', order: 'unknown' },
  gem: { type: 'gem', order: 'gem' },
  golang: { type: 'go-module', order: 'go' },
  maven: { type: 'java-archive', order: 'maven' },
  npm: { type: 'npm', order: 'semver' },
  nuget: { type: 'dotnet', order: 'unknown' },
  pypi: { type: 'python', order: 'python' },
};

/** A flaw in a package of a language. */
export interface GrypeLanguageRow {
  type: string;
  /** Spellings of the package's name. */
  names: readonly string[];
  vulnerability: string;
  severity: Severity;
  /** Ids of the records that state it. */
  records: readonly string[];
  blob: string;
}

/** The rows of a language, of each flaw the ranges of all of its records. */
export function* languageRows(
  { platform: { id: platform }, ecosystem }: LanguagePlatform,
  feed: Parameters<typeof shardLines>[0],
  inexact: ExportInexactList,
): Generator<GrypeLanguageRow> {
  const { type, order } = languages[ecosystem.id];
  for (const [cause, what] of general) inexact.general(platform, cause, what);
  for (const line of shardLines(feed, platform)) {
    const name = line.package;
    const names = spellingsOf(name, ecosystem.id === 'cargo' ? '_' : undefined);
    const isSpelled = ecosystem.id !== 'cargo' || hasEverySpelling(name);
    for (const [vulnerability, claims] of flawsOf(line)) {
      const { ranges, odd } = rangesOf(claims, order);
      if (odd) inexact.item(platform, 'odd_version', oddVersion, name, [vulnerability]);
      if (ranges.length === 0) {
        inexact.leftOut(platform, 'odd_version', oddVersion, name, [vulnerability]);
        continue;
      }
      if (!isSpelled) inexact.item(platform, 'spelling', severalSpellings, name, [vulnerability]);
      if (claims.some(({ marks = [] }) => marks.includes('part_of_module')))
        inexact.item(platform, 'part_of_module', ofPart, name, [vulnerability]);
      inexact.wrote(platform, 1);
      yield {
        ...{ type, names, vulnerability },
        severity: severityOfRecords(claims),
        records: [...new Set(claims.flatMap(({ advisories = [] }) => advisories))],
        blob: JSON.stringify({ ranges }),
      };
    }
  }
}

/** `odd`: some versions cannot stand in a constraint. */
function rangesOf(
  claims: readonly ShardClaim[],
  order: GrypeLanguage['order'],
): { ranges: object[]; odd: boolean } {
  const found = new Map<string, Interval>();
  let odd = false;
  for (const { range = '*' } of claims) {
    const { intervals, versions } = parseRange(range);
    for (const interval of [...intervals, ...versions.map((only) => ({ from: only, last: only }))]) {
      const isWritten = Object.values(interval).every((version) => plainVersion.test(String(version)));
      if (isWritten) found.set(constraintOf(interval), interval);
      else odd = true;
    }
  }
  const ranges = [...found].map(([constraint, { fixed }]) => ({
    version: { type: order, constraint },
    fix: fixed === undefined ? { state: 'not-fixed' } : { version: fixed, state: 'fixed' },
  }));
  return { ranges, odd };
}

/** Empty for an interval without bounds, which Grype takes for every version. */
function constraintOf({ from, fixed, last }: Interval): string {
  if (from !== undefined && from === last) return `=${from}`;
  const bounds = [
    ...(from === undefined ? [] : [`>=${from}`]),
    ...(fixed === undefined ? [] : [`<${fixed}`]),
    ...(last === undefined ? [] : [`<=${last}`]),
  ];
  return bounds.join(',');
}

/** Versions that have no character which means something in a constraint. */
const plainVersion = /^[A-Za-z0-9.+~!:@_-]+$/;

const oddVersion = 'A version has characters that have a meaning in constraints of Grype.';
const severalSpellings =
  'The registry takes several separators for one: of a name with many, the spellings with one kind are written.';
const ofPart = 'The record names the packages of the module that have the flaw; here it is about the module.';

const general = [
  ['several_intervals', 'Grype names the fix of each release line, scan that of the installed one.'],
  ['letter_case', 'Grype looks up names without regard to case.'],
  [
    'version_order',
    'Grype orders versions of Composer and NuGet, which have no order of their own there, and some rare ones of others otherwise.',
  ],
] as const;
