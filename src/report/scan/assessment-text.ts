import {
  type AssessmentOrigin,
  type AssessmentOriginId,
  aheadText,
  type ScanResult,
} from '../../model/index.ts';
import { plural } from '../text-table.ts';

/** The sources beside the distribution with their dates, and which of them are old. */
export function assessmentLines(
  assessments: readonly AssessmentOrigin[],
  severityFrom: ScanResult['severityFrom'],
): string[] {
  if (assessments.length === 0) return [];
  const dates = assessments.map(
    ({ id, updated }) => `${shortNames[id]} ${updated?.slice(0, 10) ?? 'undated'}`,
  );
  const old = assessments.filter(({ stale }) => stale);
  const refused = assessments.flatMap(({ id, refused: code }) =>
    code === undefined ? [] : [`${shortNames[id]} (${code})`],
  );
  return [
    `severity by ${severityFrom.join(', ')}`,
    dates.join(', '),
    ...(old.length === 0
      ? []
      : [
          `old: ${old.map(({ id, ageDays }) => `${shortNames[id]} ${ageDays! < 0 ? aheadText : plural(ageDays!, 'day')}`).join(', ')}`,
        ]),
    ...(refused.length === 0
      ? []
      : [`not brought up to date when the feed was built: ${refused.join(', ')}`]),
  ];
}

const shortNames: Readonly<Record<AssessmentOriginId, string>> = {
  'cve-records': 'CVE records',
  nvd: 'NVD',
  kev: 'KEV',
  eukev: "the EU's list",
  epss: 'EPSS',
};
