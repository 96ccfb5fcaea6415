import { scanJson } from '../scan/json.ts';
import { resultsJson } from './results-json.ts';
import type { ManyScan, MergedScan } from './scan.ts';

/** Version of the JSON form of a scan of several images; schemas/scan-results.schema.json describes it. */
const format = 'scapfeed/scan-results/1';

/** Rises with every field that is added. */
const version = '1.0';

/** The results of all images, each as the JSON of a scan of it alone. */
export const mergedJson: MergedScan = { part: scanJson, whole };

function whole({
  tool,
  feed,
  date,
  totals,
  exceptions,
  repeated,
  exitCode,
  targets,
}: ManyScan): Iterable<string> {
  return resultsJson({ format, version, tool, feed, date, exitCode, totals, exceptions, repeated }, targets);
}
