import { readAll } from '../../io/bytes.ts';
import { decompress } from '../../io/decompress.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { EvidenceDocument, SourceSink } from '../contract.ts';
import type { Blob, SnapshotStore, SourceInput } from '../snapshots.ts';
import { parseSecdb, type SecdbDocument } from './document.ts';
import { fixesOf, fixIds } from './fixes.ts';

/** The share of records that may be malformed before a document is refused. */
export interface Tolerance {
  malformedShare: number;
  /** So many may be malformed in any case, if there are others. */
  malformedFew: number;
}

/** @throws SOURCE_MALFORMED: the format has changed, or the document is another */
export function requireShare(
  faults: number,
  packages: number,
  { malformedShare, malformedFew }: Tolerance,
  where: string,
): void {
  const allowed = Math.max(malformedFew, malformedShare * (faults + packages));
  if (faults <= allowed && (packages > 0 || faults === 0)) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected packages, found ${faults} of ${faults + packages} in another form`,
    where,
    remedy: 'fetch it again; if the format has changed, a newer scapfeed is needed',
  });
}

/** Number of entries in the lists of fixes, and of packages whose lists cannot be read. */
export function fixesIn({ packages, faults }: SecdbDocument): number {
  return packages.reduce((sum, { fixes }) => sum + fixes.length, faults.length);
}

/** A vendor has fixes since its first day: without any, every image would look clean. */
export function noFixes(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'expected fixes of packages, found none',
    where,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}

/** Gives the statements of a document about a platform. Every entry is used or dropped; a package in another form is unread. */
export function secdbStatements(
  { packages, faults }: SecdbDocument,
  { input, platform }: { input: string; platform: string },
  out: SourceSink,
): void {
  const { ledger } = out;
  for (const { pointer, message, package: name } of faults) {
    const about = { platforms: [platform], ...(name === undefined ? {} : { package: name }) };
    ledger.drop('wrong_type', `${input}#${pointer}`, message, 1, about);
  }
  for (const entry of packages) {
    for (const { vulnerability, version, aliases } of fixesOf(entry, { input, platform }, ledger)) {
      out.vulnerability({ id: vulnerability, ...(aliases.length > 0 ? { aliases } : {}) });
      out.statement({
        vulnerability,
        platform,
        package: entry.name,
        severity: 'unknown',
        ...(version === undefined
          ? { status: 'not_affected', reason: 'vulnerable_code_not_present' }
          : { status: 'fixed', fixed: version }),
        evidence: `${input}#{package}/{vulnerability}`,
      });
    }
  }
}

/** Limit of a document, in bytes, also where it is compressed. */
export const maxSecdbBytes = 2 ** 28;

/** The text of a document, which may be compressed. */
export async function secdbText(blob: Blob, store: SnapshotStore, where: string): Promise<string> {
  const plain = decompress(store.open(blob), { maxBytes: maxSecdbBytes, where });
  const bytes = await readAll(plain, { maxBytes: maxSecdbBytes, code: 'SOURCE_TOO_LARGE', where });
  return bytes.toString('utf8');
}

/** The list of a package's fixes that names a vulnerability: `PACKAGE/VULNERABILITY`. */
export async function secdbEvidence(
  input: SourceInput,
  pointer: string,
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const where = store.path(input);
  const text = await secdbText(input, store, where);
  const [name, vulnerability] = pointer.split('/');
  const entry = parseSecdb(text, where).packages.find((each) => each.name === name);
  const fix = entry?.fixes.find(({ text }) => fixIds(text).ids.includes(vulnerability!));
  // The list of the package, which may have the vulnerability again.
  return (
    fix && { place: input.url, bytes: Buffer.from(text), pointer: fix.pointer.replace(/(?:\/[^/]*){2}$/, '') }
  );
}
