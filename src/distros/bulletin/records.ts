import { ScapfeedError } from '../../model/error.ts';
import type { Statement } from '../../model/feed/index.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import type { BulletinDefinition } from './definition.ts';

/** Statements that one record makes about several flaws and packages. */
export interface BulletinRecord {
  /** JSON Pointer in the document. */
  pointer: string;
  /** Its name in findings: `/AVG-2851`. */
  place: string;
  packages: readonly string[];
  /** Empty: the record is about none that has an id. */
  vulnerabilities: readonly string[];
  /** The vendor's word. Absent: it does not rate them. */
  severity?: string | undefined;
  advisories?: readonly string[];
}

/** A record of another form. */
export interface BulletinFault {
  place: string;
  message: string;
  /** Those of its packages that can be determined. */
  packages: readonly string[];
}

/** Reader of the document of a vendor. */
export interface BulletinReader<R extends BulletinRecord> {
  /** Records of a document, each read by `read`. Throws by sources/fields.ts if it is another document. */
  entries(document: unknown): Iterable<BulletinEntry<R>>;
  outcome(record: R): Pick<Statement, 'status' | 'fixed' | 'fixState' | 'range' | 'reason' | 'channelFix'>;
  /** Evidence of its statements: `/{package}/{vulnerability}`. */
  evidence(record: R): string;
  /** Doubts about a record: reason and detail. */
  doubts?(record: R): readonly (readonly [reason: string, detail: string])[];
  /** Chooses between two records about one flaw of a package. Absent: the document has one at most. */
  joined?(a: R, b: R): R;
}

export interface BulletinEntry<R> {
  place: string;
  /** Packages that are unread if it has another form. */
  packages: readonly string[];
  read(): R;
}

/** Limit on pairs of a package and a flaw beside one for each record; a short text can make many. All of Arch has 6,000. */
const mostPairs = 500_000;

/** @throws SOURCE_NOT_JSON, SOURCE_TOO_LARGE, SOURCE_MALFORMED: too many records have another form */
export function readBulletin<R extends BulletinRecord>(
  text: string,
  where: string,
  reader: BulletinReader<R>,
  { malformedShare, malformedFew }: Pick<BulletinDefinition, 'malformedShare' | 'malformedFew'>,
): { records: R[]; faults: BulletinFault[] } {
  const entries = readRecord(where, () => [...reader.entries(parseJsonText(text, { uniqueNames: true }))]);
  if (entries instanceof ScapfeedError) throw entries;
  const records: R[] = [];
  const faults: BulletinFault[] = [];
  let pairs = 0;
  for (const { place, packages, read } of entries) {
    const found = readRecord('', read);
    if (found instanceof ScapfeedError)
      faults.push({ place, packages, message: `${found.where ?? ''} ${found.message}`.trim() });
    else {
      records.push(found);
      pairs += found.packages.length * found.vulnerabilities.length;
      if (pairs > mostPairs + records.length)
        throw refused(
          'SOURCE_TOO_LARGE',
          `at most ${mostPairs} pairs of a package and a flaw, found more`,
          where,
        );
    }
  }
  const allowed = Math.max(malformedFew, malformedShare * entries.length);
  // Of records without flaws alone, every image would look clean.
  if (faults.length <= allowed && pairs > 0) return { records, faults };
  throw refused(
    'SOURCE_MALFORMED',
    faults.length > 0
      ? `records, found ${faults.length} of ${entries.length} in another form`
      : `records with flaws, found none among ${entries.length}`,
    where,
  );
}

function refused(code: 'SOURCE_TOO_LARGE' | 'SOURCE_MALFORMED', what: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code,
    message: `expected ${what}`,
    where,
    remedy: 'fetch it again; if the format has changed, a newer scapfeed is needed',
  });
}
