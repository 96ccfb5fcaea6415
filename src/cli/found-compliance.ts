import type { ComplianceResult, SignatureGate } from '../model/index.ts';
import type { TargetResult } from './for-targets.ts';
import type { FormatOf } from './output-formats.ts';
import type { ReportView } from './outputs.ts';

/** An image that was judged by a profile. */
export interface FoundCompliance extends TargetResult<FormatOf<'comply'>> {
  result: ComplianceResult & { signed?: SignatureGate };
  /** `of`: the same result without what other tables show. */
  table(view: ReportView, of?: ComplianceResult): string;
}
