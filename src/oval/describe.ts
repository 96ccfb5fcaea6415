import type { PlatformIndex, Severity, ShardClaim, Vulnerability } from '../model/index.ts';
import type { AdvisoryFacts, Criteria, Definition, Reference } from './components.ts';
import { type FlawRow, flawKey, patchKey, type Selection, updateKey } from './rows.ts';

/** Descriptions are cut here: some vendors publish whole mails, and oscap holds every definition in memory. */
export const descriptionLimit = 4000;

type Description = Omit<Definition, 'criteria'>;

/** The definition of a vulnerability in a package, as the claims that decide it say. */
export function describeFlaw(
  index: PlatformIndex,
  selection: Selection,
  name: string,
  row: FlawRow,
  criteria: Criteria,
): Definition {
  const { vulnerability: id, claims } = row;
  const details = index.vulnerability(id);
  const severity = worstSeverity(claims);
  const advisories = advisoriesOf(claims);
  const references = [flawReference(index.source, id)];
  for (const advisory of advisories) references.push(advisoryReference(index, advisory));
  return {
    class: 'vulnerability',
    key: flawKey(selection, id, name),
    title: `${id} ${name} (${severity})${details?.title === undefined ? '' : `: ${cut(details.title)}`}`,
    platform: index.platform.name,
    product: name,
    references,
    description: cut(details?.description ?? details?.title ?? `${id} in ${name}`),
    advisory: flawFacts(index, row, severity, advisories, details),
    severity,
    suppressed: claims.every((claim) => claim.suppressed !== undefined),
    criteria,
  };
}

function advisoriesOf(claims: readonly ShardClaim[]): readonly string[] {
  const [only] = claims;
  if (claims.length === 1) return only?.advisories ?? [];
  return [...new Set(claims.flatMap((claim) => claim.advisories ?? []))].sort();
}

function flawFacts(
  index: PlatformIndex,
  { vulnerability: id, claims }: FlawRow,
  severity: Severity,
  advisories: readonly string[],
  details: Vulnerability | undefined,
): AdvisoryFacts {
  const cvss = details?.cvss?.find(({ version }) => version.startsWith('3'));
  return {
    severity: severityWords[severity],
    issued: firstDate(index, advisories),
    cves: [
      {
        id,
        cvss3: cvss && `${cvss.score}/${cvss.vector}`,
        public: details?.published?.slice(0, 10).replaceAll('-', ''),
      },
    ],
    notes: notesOf(claims),
  };
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

/** What a patch definition is made of: an advisory, the flaws it fixes, and the packages it speaks of. */
export interface Patch {
  advisory: string;
  packages: readonly string[];
  /** Those of one package are in order and stand once. */
  vulnerabilities: readonly string[];
  severity: Severity;
}

export function describePatch(index: PlatformIndex, patch: Patch): Description {
  const { advisory, packages, vulnerabilities, severity } = patch;
  const details = index.advisory(advisory);
  const names = distinct(packages);
  const ids = packages.length === 1 ? vulnerabilities : distinct(vulnerabilities);
  return {
    class: 'patch',
    key: patchKey(advisory),
    title: `${advisory} ${details?.title ?? names.join(', ')}`,
    platform: index.platform.name,
    references: [advisoryReference(index, advisory), ...ids.map((id) => flawReference(index.source, id))],
    description: `Update of ${names.join(', ')} for ${ids.join(', ')}.`,
    advisory: { severity: severityWords[severity], issued: details?.date, cves: ids.map((id) => ({ id })) },
    severity,
  };
}

function distinct(texts: readonly string[]): readonly string[] {
  return texts.length === 1 ? texts : [...new Set(texts)].sort();
}

/** Fixes of one package that no advisory announced. */
export function describeUpdate(
  index: PlatformIndex,
  name: string,
  patch: Omit<Patch, 'advisory'>,
): Description {
  const ids = patch.vulnerabilities;
  return {
    class: 'patch',
    key: updateKey(name),
    title: `${name}: fixes that no advisory announced`,
    platform: index.platform.name,
    product: name,
    references: ids.map((id) => flawReference(index.source, id)),
    description: cut(`Update of ${name} for ${ids.join(', ')}.`),
    advisory: { severity: severityWords[patch.severity], issued: undefined, cves: ids.map((id) => ({ id })) },
    severity: patch.severity,
  };
}

/** Words that oscap's generators and other readers of OVAL know (Red Hat's four). */
const severityWords: Record<Severity, string | undefined> = {
  critical: 'Critical',
  high: 'Important',
  medium: 'Moderate',
  low: 'Low',
  negligible: 'Negligible',
  unknown: undefined,
};

const ranks: Record<Severity, number> = {
  unknown: 0,
  negligible: 1,
  low: 2,
  medium: 3,
  high: 4,
  critical: 5,
};

export function worseSeverity(a: Severity, b: Severity): Severity {
  return ranks[a] >= ranks[b] ? a : b;
}

export function worstSeverity(claims: readonly ShardClaim[]): Severity {
  return claims.reduce<Severity>(
    (worst, { severity = 'unknown' }) => worseSeverity(worst, severity),
    'unknown',
  );
}

const flawPages: Record<string, string> = {
  debian: 'https://security-tracker.debian.org/tracker/',
  ubuntu: 'https://ubuntu.com/security/',
  redhat: 'https://access.redhat.com/security/cve/',
};

export function flawReference(source: string, id: string): Reference {
  const page = flawPages[source];
  return { source: idKind(id), id, url: page && page + id };
}

const advisoryPages: Record<string, string> = {
  DSA: 'https://security-tracker.debian.org/tracker/',
  DLA: 'https://security-tracker.debian.org/tracker/',
  USN: 'https://ubuntu.com/security/notices/',
  LSN: 'https://ubuntu.com/security/notices/',
  RHSA: 'https://access.redhat.com/errata/',
  RHBA: 'https://access.redhat.com/errata/',
  RHEA: 'https://access.redhat.com/errata/',
};

export function advisoryReference(index: PlatformIndex, id: string): Reference {
  const kind = idKind(id);
  const page = advisoryPages[kind];
  return { source: kind, id, url: index.advisory(id)?.url ?? (page && page + id) };
}

/** `CVE`, `DSA`, `RHSA`: what an id begins with. */
function idKind(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf('-')));
}

function cut(text: string): string {
  return text.length <= descriptionLimit ? text : `${text.slice(0, descriptionLimit)} […]`;
}
