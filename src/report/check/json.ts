import type { ComplianceResult } from '../../model/index.ts';
import { complianceJson } from '../comply/json.ts';
import { scanJson } from '../scan/json.ts';
import type { ScanReport } from '../scan/report.ts';

/** `{"scan": …, "comply": …}`: each as its own command writes it. */
export function* checkJson(scan: ScanReport, comply: ComplianceResult): Iterable<string> {
  yield '{"scan":';
  yield* scanJson(scan);
  yield `,"comply":${complianceJson(comply).trimEnd()}}\n`;
}
