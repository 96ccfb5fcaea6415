import { scanRun } from '../scan/sarif.ts';
import { resultsSarif, sarifPart } from './results-sarif.ts';
import { type MergedScan, scanning } from './scan.ts';

export const mergedSarif: MergedScan = {
  part: (report, of) => sarifPart(scanRun(report), of),
  whole: (scan) => resultsSarif(scan, scanning, { feedDigest: scan.feed.digest, totals: scan.totals }),
};
