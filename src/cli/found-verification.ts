import type { Verification } from '../model/index.ts';
import type { ReportView } from '../report/writers.ts';
import type { TargetResult } from './for-targets.ts';
import type { FormatOf } from './output-formats.ts';

/** An image whose files were compared. */
export interface FoundVerification extends TargetResult<FormatOf<'verify'>> {
  result: Verification;
  /** `of`: the same result without what other tables show. */
  table(view: ReportView, of?: Verification): string;
}
