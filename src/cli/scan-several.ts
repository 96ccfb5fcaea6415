import { readTemplate } from '../acts/scan-report.ts';
import type { TargetRun } from './for-targets.ts';
import type { FormatOf } from './output-formats.ts';
import type { FoundScan, ScanSetting } from './scan-target.ts';

/** Scans several images; a scan of one does not load the code for it. */
export async function scanSeveral(
  run: TargetRun<FormatOf<'scan'>, FoundScan>,
  setting: ScanSetting,
): Promise<number> {
  const { scanTargets } = await import('./scan-targets.ts');
  return scanTargets(run, setting, readTemplate);
}
