import { type Ledger, ScapfeedError } from '../../../model/index.ts';

/** Reasons that mean a broken or unknown record, apart from those that are known to occur in good documents. */
const malformedReasons: ReadonlySet<string> = new Set([
  'absurd_version',
  'bad_package_name',
  'fixed_version_missing',
  'status_missing',
  'unknown_status',
  'unknown_vulnerability_id',
  'wrong_type',
]);

/** Fewer malformed records are counted but do not stop a build, whatever their share. */
const tolerated = 25;

/** Records that the ledger dropped because they were malformed. */
export function malformedRecords(ledger: Ledger): number {
  const malformed = ledger
    .findings()
    .filter(({ reason, dropped }) => dropped && malformedReasons.has(reason));
  return malformed.reduce((sum, { count }) => sum + count, 0);
}

/** Refuses a document with too many malformed records, as after a change of format. @throws SOURCE_OVER_BUDGET */
export function assertWithinBudget(malformed: number, records: number, share: number, where: string): void {
  if (malformed <= tolerated || malformed <= records * share) return;
  throw new ScapfeedError({
    code: 'SOURCE_OVER_BUDGET',
    message: `expected at most ${share * 100} % malformed records, found ${malformed} of ${records}`,
    where,
    remedy: 'check the findings; raise malformedShare in feeds/debian.json only if the document is right',
  });
}
