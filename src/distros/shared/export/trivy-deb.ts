import { isKey, notAKey } from '../../../export/rows/keys.ts';
import type { ExportLine, ExportRow } from '../../../export/rows/rows.ts';
import {
  type TrivyBucket,
  type TrivyContext,
  type TrivySource,
  trivySeverity,
  trivyStatus,
} from '../../../export/rows/trivy-layout.ts';
import { vendorWord } from '../../../model/feed/index.ts';

export interface DebBucket {
  name: string;
  /** The platform, for the account. */
  platform: string;
  source: TrivySource;
  lines(): Iterable<ExportLine>;
  /** Severities of rows stand in the bucket; otherwise in the vulnerability's record, one for all packages. */
  rowSeverity?: boolean;
  /** Differences that depend on the system that is scanned; default: those of dpkg. */
  causes?: readonly (readonly [cause: string, what: string])[];
}

/** A bucket of a release that is looked up by source package and vulnerability. */
export function debBucket(bucket: DebBucket, context: TrivyContext): TrivyBucket {
  const { name, source } = bucket;
  for (const [cause, what] of bucket.causes ?? generalCauses)
    context.inexact.general(bucket.platform, cause, what);
  return {
    name,
    source,
    *content() {
      for (const line of bucket.lines()) {
        const pairs = pairsOf(line, bucket, context);
        if (pairs.size === 0) continue;
        context.inexact.wrote(bucket.platform, pairs.size);
        yield { name: line.package, pairs: [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)) };
      }
    },
  };
}

function pairsOf(
  { package: name, rows }: ExportLine,
  bucket: DebBucket,
  { vulnerabilities, inexact }: TrivyContext,
): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const row of rows) {
    if (row.status === 'not_affected' || row.status === 'fixed') continue;
    const odd = isKey(name) ? row.ids.filter((id) => !isKey(id)) : row.ids;
    if (odd.length > 0) inexact.leftOut(bucket.platform, 'odd_name', notAKey, name, odd);
    noteInexact(name, row, bucket, inexact);
    const value = JSON.stringify(advisoryOf(row, bucket.rowSeverity === true));
    for (const id of row.ids) {
      if (odd.includes(id)) continue;
      pairs.set(id, value);
      vulnerabilities.add(id, bucket.source.ID, vendorWord(row));
    }
  }
  return pairs;
}

function advisoryOf(row: ExportRow, rowSeverity: boolean) {
  const { fixed, status, fixState, advisories } = row;
  const severity = vendorWord(row);
  return {
    ...(fixed === undefined ? {} : { FixedVersion: fixed }),
    ...(advisories.length > 0 ? { VendorIDs: advisories } : {}),
    ...(rowSeverity && severity !== 'unknown' ? { Severity: trivySeverity[severity] } : {}),
    ...statusOf(status, fixState),
  };
}

/** Without a status Trivy says `fixed` or `affected`, by the fixed version. */
function statusOf(status: ExportRow['status'], fixState: ExportRow['fixState']): { Status?: number } {
  if (status === 'under_investigation') return { Status: trivyStatus.under_investigation };
  if (fixState === 'will_not_fix' || fixState === 'fix_deferred' || fixState === 'end_of_life')
    return { Status: trivyStatus[fixState] };
  return {};
}

function noteInexact(
  name: string,
  { ids, fixed, severalFixes, fixState, severity, suppressed }: ExportRow,
  { platform }: DebBucket,
  inexact: TrivyContext['inexact'],
): void {
  if (fixState === 'other_channel')
    inexact.item(platform, 'other_channel', fixed === undefined ? otherChannel : fixElsewhere, name, ids);
  if (severalFixes) inexact.item(platform, 'several_channels', severalChannels, name, ids);
  if (suppressed !== undefined) inexact.item(platform, 'suppressed', suppressedRow, name, ids);
  else if (severity === 'negligible') inexact.item(platform, 'negligible', negligible, name, ids);
}

/** Packages that scapfeed does not judge, or not by this release. */
const generalCauses: readonly (readonly [string, string])[] = [
  [
    'other_origin',
    "Builds of other archives (PPAs, backports, other distributions) are judged by this release's rows.",
  ],
  ['half_installed', 'A package whose installation was interrupted is judged.'],
  ['unparsable_version', 'A version that does not follow the grammar of dpkg is compared all the same.'],
];

const otherChannel =
  'A fix is in a channel that the system has not; Trivy has no word for it and says affected.';
const fixElsewhere =
  'The fix is in a channel that the system may not have; Trivy shows its version as that of any other fix.';
const severalChannels =
  'Of fixes in several channels the lowest is written: a build that has reached any of them is fixed.';
const suppressedRow = 'scapfeed hides these unless asked with --all; Trivy lists them with severity LOW.';
const negligible = 'Trivy has no severity below low: negligible is LOW.';
