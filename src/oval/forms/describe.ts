import {
  type OutsideRating,
  type PlatformIndex,
  type ReferencePages,
  type Severity,
  type ShardClaim,
  type ShardLine,
  worseSeverity,
} from '../../model/feed/index.ts';
import type { DefinitionFacts, Reference, SeverityWord } from '../document/components.ts';
import { Recent } from '../document/recent.ts';
import { type FlawRow, flawKey, patchKey, type Selection, unreadKey, updateKey } from './rows.ts';

/** Descriptions are truncated here: some vendors publish whole mails, and oscap keeps every definition in memory. */
const descriptionLimit = 4000;

type UnreadLine = Required<Pick<ShardLine, 'package' | 'unread'>>;

function unknownIf(kind: 'flaw' | 'update'): string {
  return kind === 'flaw'
    ? 'Whether there is a flaw that no other definition has'
    : 'Whether an update is lacking that no other definition has';
}

interface About {
  index: PlatformIndex;
  pages: ReferencePages;
}

/** Cache size for facts of claims: those of one package, whose vulnerabilities alternate. */
const recentClaims = 32;

/**
 * Makes the facts of definitions, for all forms of a platform. Consecutive requests for equal facts return the same object.
 */
export class Describer {
  readonly #about: About;
  readonly #flaws: Partial<Record<Selection, { name: string; row: FlawRow; facts: DefinitionFacts }>> = {};
  readonly #ofClaim = new Recent<ShardClaim, ClaimFacts>(recentClaims);
  readonly #ofClaims = new Recent<readonly ShardClaim[], ClaimFacts>(recentClaims);
  #patch: { about: string; patch: Patch; facts: DefinitionFacts } | undefined;

  constructor(index: PlatformIndex, pages: ReferencePages) {
    this.#about = { index, pages };
  }

  /** Facts of a vulnerability in a package, from the claims that decide it. */
  flaw(
    selection: Selection,
    name: string,
    vulnerability: string,
    claims: readonly ShardClaim[],
  ): DefinitionFacts {
    const last = this.#flaws[selection];
    if (
      last?.row.vulnerability === vulnerability &&
      last.name === name &&
      sameItems(last.row.claims, claims)
    ) {
      return last.facts;
    }
    const row = { vulnerability, claims };
    const facts = describeFlaw(this.#about, selection, name, row, this.#claimFacts(claims));
    this.#flaws[selection] = { name, row, facts };
    return facts;
  }

  /** Most rows have one claim, which many of them share, in lists of their form. */
  #claimFacts(claims: readonly ShardClaim[]): ClaimFacts {
    const [first] = claims;
    if (!first || claims.length > 1)
      return this.#ofClaims.get(claims) ?? this.#ofClaims.set(claims, claimFacts(this.#about, claims));
    return this.#ofClaim.get(first) ?? this.#ofClaim.set(first, claimFacts(this.#about, claims));
  }

  /** Facts of a definition that flaws of a subject with equal tests refer to. */
  alike(key: string, name: string): DefinitionFacts {
    const title = `any of ${name} that is not fixed`;
    const description = 'Tests that the definitions of several flaws share; of no meaning by themselves.';
    const platform = this.#about.index.platform.name;
    return { class: 'miscellaneous', key, title, platform, product: name, references: [], description };
  }

  patch(patch: Patch): DefinitionFacts {
    return this.#once(patchKey(patch.advisory), patch, () => describePatch(this.#about, patch));
  }

  /** Fixes of one package that no advisory announced. */
  update(name: string, patch: Patch): DefinitionFacts {
    return this.#once(updateKey(name), patch, () => describeUpdate(this.#about, name, patch));
  }

  /** A flaw or an update that statements may be about which could not be read. */
  unread(kind: 'flaw' | 'update', { package: name, unread }: UnreadLine): DefinitionFacts {
    const statements =
      unread === 1 ? "one of the vendor's statements" : `${unread} of the vendor's statements`;
    return {
      ...this.#unread(kind, name, `${name}: ${statements} could not be read`),
      product: name,
      description:
        `${unknownIf(kind)} is unknown where ${name} is installed: ${statements} about it could not be read when this file ` +
        'was made.',
    };
  }

  /** The same if the records do not even name their packages. */
  unreadRecords(kind: 'flaw' | 'update'): DefinitionFacts {
    const { name } = this.#about.index.platform;
    return {
      ...this.#unread(kind, '*', `${name}: records of the vendor could not be read`),
      product: name,
      description: `${unknownIf(kind)} is unknown: records of the vendor, which may be about any package, could not be read when this file was made.`,
    };
  }

  #unread(kind: 'flaw' | 'update', name: string, title: string) {
    return {
      class: kind === 'flaw' ? 'vulnerability' : 'patch',
      key: unreadKey(kind, name),
      title,
      platform: this.#about.index.platform.name,
      references: [],
      unread: true,
    } as const;
  }

  #once(about: string, patch: Patch, describe: () => DefinitionFacts): DefinitionFacts {
    const last = this.#patch;
    if (last?.about === about && samePatch(last.patch, patch)) return last.facts;
    const facts = describe();
    this.#patch = { about, patch, facts };
    return facts;
  }
}

function samePatch(a: Patch, b: Patch): boolean {
  return (
    a.severity === b.severity &&
    sameItems(a.packages, b.packages) &&
    sameItems(a.vulnerabilities, b.vulnerabilities)
  );
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((item, at) => item === b[at]));
}

function describeFlaw(
  { index, pages }: About,
  selection: Selection,
  name: string,
  { vulnerability: id }: FlawRow,
  { severity, advisories, issued, notes, suppressed }: ClaimFacts,
): DefinitionFacts {
  const details = index.vulnerability(id);
  const scores = details?.cvss?.filter(isVersion3);
  const own = scores?.find(({ source }) => source === index.source);
  const outside = own ? undefined : index.rating?.(id);
  const cvss = own ?? (outside?.cvss && isVersion3(outside.cvss) ? outside.cvss : undefined) ?? scores?.[0];
  const cvss3 = cvss && `${cvss.score}/${cvss.vector}`;
  // As in a scan (docs/severity.md): the distribution's word comes first, and `unimportant` is one.
  const rated = severity === 'unknown' && !suppressed ? outside : undefined;
  const word = rated?.severity ?? severity;
  const published = details?.published && withoutDashes(details.published);
  return {
    class: 'vulnerability',
    key: flawKey(selection, id, name),
    title: `${id} ${name} (${word}${rated?.source === undefined ? '' : ` by ${rated.source}`})${details?.title === undefined ? '' : `: ${cut(details.title)}`}`,
    platform: index.platform.name,
    product: name,
    references: [flawReference(pages, id), ...advisories],
    description: cut(details?.description ?? details?.title ?? `${id} in ${name}`),
    advisory: {
      severity: severityWords[word],
      issued,
      cves: [{ id, cvss3, public: published }],
      notes: outside ? [...notes, ratingNote(outside, rated !== undefined)] : notes,
    },
    severity: word,
    suppressed,
  };
}

/** `severity by nvd, CVSS 3.1 7.8 (CVSS:3.1/AV:L/…)`. */
function ratingNote({ source, cvss, rejected }: OutsideRating, decides: boolean): string {
  if (rejected) return 'rejected: the CVE record was withdrawn';
  const score = cvss && `CVSS ${cvss.version} ${cvss.score} (${cvss.vector})`;
  return decides ? `severity by ${source}, ${score}` : `${score} by ${source}`;
}

function isVersion3({ version }: { version: string }): boolean {
  return version.startsWith('3');
}

/** YYYY-MM-DD as YYYYMMDD. */
function withoutDashes(date: string): string {
  return `${date.slice(0, 4)}${date.slice(5, 7)}${date.slice(8, 10)}`;
}

/** Facts from claims that do not depend on the vulnerability. */
interface ClaimFacts {
  severity: Severity;
  advisories: readonly Reference[];
  issued: string | undefined;
  notes: readonly string[];
  suppressed: boolean;
}

function claimFacts(about: About, claims: readonly ShardClaim[]): ClaimFacts {
  const advisories = advisoriesOf(claims);
  return {
    severity: worstSeverity(claims),
    advisories: advisories.map((advisory) => advisoryReference(about, advisory)),
    issued: firstDate(about.index, advisories),
    notes: notesOf(claims),
    suppressed: claims.every((claim) => claim.suppressed !== undefined),
  };
}

function advisoriesOf(claims: readonly ShardClaim[]): readonly string[] {
  const [only] = claims;
  if (claims.length === 1) return only?.advisories ?? [];
  return [...new Set(claims.flatMap((claim) => claim.advisories ?? []))].sort();
}

function firstDate(index: PlatformIndex, advisories: readonly string[]): string | undefined {
  for (const advisory of advisories) {
    const date = index.advisory(advisory)?.date;
    if (date !== undefined) return date;
  }
  return undefined;
}

function notesOf(claims: readonly ShardClaim[]): readonly string[] {
  const notes = claims.map(claimNote).filter((note) => note !== '');
  return notes.length < 2 ? notes : [...new Set(notes)];
}

/** Fix state, reason, suppression and marks in a line: `will_not_fix, minor`. */
function claimNote({ fixState, reason, suppressed, channel, marks }: ShardClaim): string {
  if (!fixState && !reason && !suppressed && !channel && !marks) return '';
  return [fixState, reason, suppressed, channel, ...(marks ?? [])]
    .filter((word) => word !== undefined)
    .join(', ');
}

/** Input of a patch definition: an advisory, the flaws that it fixes, and its packages. */
export interface Patch {
  advisory: string;
  packages: readonly string[];
  /** Sorted for each package, without duplicates. */
  vulnerabilities: readonly string[];
  severity: Severity;
}

function describePatch(about: About, patch: Patch): DefinitionFacts {
  const { index, pages } = about;
  const { advisory, packages, vulnerabilities, severity } = patch;
  const details = index.advisory(advisory);
  const names = distinct(packages);
  const ids = packages.length === 1 ? vulnerabilities : distinct(vulnerabilities);
  return {
    class: 'patch',
    key: patchKey(advisory),
    title: `${advisory} ${details?.title ?? names.join(', ')}`,
    platform: index.platform.name,
    references: [advisoryReference(about, advisory), ...ids.map((id) => flawReference(pages, id))],
    description: `Update of ${names.join(', ')} for ${ids.join(', ')}.`,
    advisory: { severity: severityWords[severity], issued: details?.date, cves: ids.map((id) => ({ id })) },
    severity,
  };
}

function distinct(texts: readonly string[]): readonly string[] {
  return texts.length === 1 ? texts : [...new Set(texts)].sort();
}

function describeUpdate(
  { index, pages }: About,
  name: string,
  patch: Omit<Patch, 'advisory'>,
): DefinitionFacts {
  const ids = patch.vulnerabilities;
  return {
    class: 'patch',
    key: updateKey(name),
    title: `${name}: fixes that no advisory announced`,
    platform: index.platform.name,
    product: name,
    references: ids.map((id) => flawReference(pages, id)),
    description: cut(`Update of ${name} for ${ids.join(', ')}.`),
    advisory: { severity: severityWords[patch.severity], issued: undefined, cves: ids.map((id) => ({ id })) },
    severity: patch.severity,
  };
}

/** Severities that oscap's reports and other readers of OVAL know (Red Hat's four). */
const severityWords: Record<Severity, SeverityWord | undefined> = {
  critical: 'Critical',
  high: 'Important',
  medium: 'Moderate',
  low: 'Low',
  negligible: 'Negligible',
  unknown: undefined,
};

function worstSeverity(claims: readonly ShardClaim[]): Severity {
  return claims.reduce<Severity>(
    (worst, { severity = 'unknown' }) => worseSeverity(worst, severity),
    'unknown',
  );
}

function flawReference({ flaws }: ReferencePages, id: string): Reference {
  return { source: idKind(id), id, url: flaws + id };
}

function advisoryReference({ index, pages }: About, id: string): Reference {
  const kind = idKind(id);
  const page = pages.advisories[kind];
  return { source: kind, id, url: index.advisory(id)?.url ?? (page && page + id) };
}

/** `CVE`, `DSA`, `RHSA`: what an id begins with. */
function idKind(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf('-')));
}

function cut(text: string): string {
  return text.length <= descriptionLimit ? text : `${text.slice(0, descriptionLimit)} […]`;
}
