import { lateWriters, readTemplate } from '../acts/scan-report.ts';
import type { TargetChoice } from './options/targets.ts';
import type { FormatOf } from './output-formats.ts';
import type { OutputChoice } from './outputs.ts';
import { type ScanSetting, scanTarget } from './scan-target.ts';
import type { Terminal } from './terminal.ts';

/** Scans several images; a scan of one does not load the code for it. */
export async function scanSeveral(
  asked: TargetChoice,
  outputs: readonly OutputChoice<FormatOf<'scan'>>[],
  setting: ScanSetting,
  terminal: Terminal,
): Promise<number> {
  const { scanTargets } = await import('./scan-targets.ts');
  return scanTargets(asked, outputs, setting, terminal, {
    scanTarget,
    lateWriters,
    readTemplate,
  });
}
