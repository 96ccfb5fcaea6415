import type { Ecosystem } from '../../ecosystems/ecosystems.ts';
import { shardLines } from '../../feed/read/whole-file.ts';
import type { ShardLine } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { type Interval, parseRange } from '../../packaging/range.ts';
import {
  flawsOf,
  hasEverySpelling,
  type LanguagePlatform,
  languagePlatforms,
  severityOfRecords,
  spellingsOf,
} from '../languages.ts';
import { isKey, notAKey } from '../rows/keys.ts';
import type { TrivyBucket, TrivyChild, TrivyContext } from '../rows/trivy-layout.ts';

/** Beginnings of the buckets that Trivy looks up for packages of a language. */
const prefixes: Readonly<Record<Ecosystem['id'], string>> = {
  bitnami: 'bitnami',
  cargo: 'cargo',
  composer: 'composer',
  gem: 'rubygems',
  golang: 'go',
  maven: 'maven',
  npm: 'npm',
  nuget: 'nuget',
  pypi: 'pip',
};

/** Of all records only those of the GitHub Advisory Database have severities, which Trivy finds by this name. */
const source = {
  ID: 'ghsa',
  Name: 'Open Source Vulnerability, compiled by scapfeed',
  URL: 'https://osv.dev',
};

/** A bucket for each language of the feed. */
export function languageBuckets(context: TrivyContext): TrivyBucket[] {
  const languages = languagePlatforms(context.feed);
  for (const { platform } of languages)
    for (const [cause, what] of general) context.inexact.general(platform.id, cause, what);
  return languages.map((language) => ({
    name: `${prefixes[language.ecosystem.id]}::Open Source Vulnerability`,
    source,
    content: () => childrenOf(language, context),
  }));
}

/** Separators that the registry takes for a hyphen, and Trivy does not. */
const separators: Readonly<Partial<Record<Ecosystem['id'], string>>> = { cargo: '_', pypi: '.' };

/** Trivy looks up names in lower case, except for those of Go. */
function namesOf({ id }: Ecosystem, name: string): ReadonlySet<string> {
  const names = spellingsOf(name, separators[id]);
  return new Set(id === 'golang' ? names : [...names, ...names.map((each) => each.toLowerCase())]);
}

function childrenOf(language: LanguagePlatform, context: TrivyContext): TrivyChild[] {
  const { platform, ecosystem } = language;
  const { inexact } = context;
  const children = new Map<string, [id: string, value: string][]>();
  for (const line of shardLines(context.feed, platform.id)) {
    const pairs = pairsOf(line, language, context);
    if (pairs.length === 0) continue;
    inexact.wrote(platform.id, pairs.length);
    const ids = pairs.map(([id]) => id);
    if (separators[ecosystem.id] !== undefined && !hasEverySpelling(line.package))
      inexact.item(platform.id, 'spelling', severalSpellings, line.package, ids);
    for (const name of namesOf(ecosystem, line.package)) {
      const other = children.get(name);
      if (other) inexact.item(platform.id, 'letter_case', oneName, line.package, ids);
      children.set(name, other ? joined(other, pairs) : pairs);
    }
  }
  return [...children]
    .map(([name, pairs]) => ({ name, pairs }))
    .sort((a, b) => compareCodeUnits(a.name, b.name));
}

/** The pairs of two packages of one name; a flaw of both is that of the first. */
function joined(one: readonly [string, string][], other: readonly [string, string][]): [string, string][] {
  return [...new Map([...other, ...one])].sort(([a], [b]) => compareCodeUnits(a, b));
}

function pairsOf(
  line: ShardLine,
  { platform }: LanguagePlatform,
  { inexact, vulnerabilities }: TrivyContext,
): [id: string, value: string][] {
  const pairs: [string, string][] = [];
  for (const [id, claims] of flawsOf(line)) {
    if (!isKey(id) || !isKey(line.package)) {
      inexact.leftOut(platform.id, 'odd_name', notAKey, line.package, [id]);
      continue;
    }
    const VulnerableVersions = [
      ...new Set(claims.flatMap(({ range = '*' }) => constraintsOf(platform.id, range))),
    ];
    const VendorIDs = [...new Set(claims.flatMap(({ advisories = [] }) => advisories))].filter(
      (each) => each !== id,
    );
    pairs.push([id, JSON.stringify({ ...(VendorIDs.length > 0 && { VendorIDs }), VulnerableVersions })]);
    vulnerabilities.add(id, source.ID, severityOfRecords(claims));
  }
  return pairs.sort(([a], [b]) => compareCodeUnits(a, b));
}

function constraintsOf(ecosystem: string, range: string): string[] {
  const { intervals, versions } = parseRange(range);
  if (ecosystem === 'bitnami')
    return [...intervals, ...versions.map((only) => ({ from: only, last: only }))].map(constraintOfRevisions);
  // By `=` Trivy compares versions of Python as texts.
  const only = (version: string) => (ecosystem === 'pypi' ? `>=${version}, <=${version}` : `=${version}`);
  return [...intervals.map(constraintOf), ...versions.map(only)];
}

/** Of an interval without bounds empty, which Trivy takes for every version. */
function constraintOf({ from, fixed, last }: Interval): string {
  const bounds = [
    ...(from === undefined ? [] : [`>=${from}`]),
    ...(fixed === undefined ? [] : [`<${fixed}`]),
    ...(last === undefined ? [] : [`<=${last}`]),
  ];
  return bounds.join(', ');
}

/** Trivy takes revision 0 for one above its release, and a release as the last version for one without its revisions. */
function constraintOfRevisions({ from, fixed, last }: Interval): string {
  const [release, end] = [from?.replace(noRevision, ''), fixed?.replace(noRevision, '')];
  return constraintOf({
    ...(release !== undefined && { from: release }),
    ...(end !== undefined && { fixed: end }),
    ...(last !== undefined && { last: last.includes('-') ? last : `${last}-${highestRevision}` }),
  });
}

const noRevision = /-0+$/;
/** No component has been built as often. */
const highestRevision = 999_999;

const severalSpellings =
  'The registry takes several separators for one, and Trivy does not: of a name with many, the spellings with one kind are written.';
const oneName =
  'Trivy looks up names in lower case: flaws of two packages whose names differ in case are reported of both.';

const general = [
  [
    'unreadable_version',
    'Trivy reads fewer spellings of versions (none of Composer like 1.2.rc1), and reports no flaw of a version that it cannot read.',
  ],
  ['several_intervals', 'Trivy names the fix of each release line, scan that of the installed one.'],
  [
    'version_order',
    'Trivy orders some rare versions of Composer, Maven and Python otherwise than these do, and prereleases of Bitnami above their release.',
  ],
] as const;
