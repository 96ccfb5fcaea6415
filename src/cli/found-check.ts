import type { ComplianceResult, ScanResult } from '../model/index.ts';
import type { ScanReport } from '../report/scan/report.ts';
import type { TargetResult } from './for-targets.ts';
import type { FormatOf } from './output-formats.ts';
import type { ReportView } from './outputs.ts';

/** An image whose packages and configuration were judged. */
export interface FoundCheck extends TargetResult<FormatOf<'check'>> {
  report: ScanReport;
  result: ComplianceResult;
  /** `scan`, `comply`: the same results without what other tables show. */
  table(view: ReportView, scan?: ScanResult, comply?: ComplianceResult): string;
}
