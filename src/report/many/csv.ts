import { csvLine } from '../csv-line.ts';
import { csvColumns, csvRows } from '../scan/csv.ts';
import type { ManyScan, MergedScan, ScannedTarget } from './scan.ts';

/** The lines of all images, after a column with what each was given as. */
export const mergedCsv: MergedScan = {
  part: (report, { target }) => csvRows(report, [target]),
  whole,
};

function* whole({ targets }: ManyScan): Iterable<string> {
  yield csvLine(['target', ...csvColumns]);
  for (const target of targets) {
    if (target.error) yield errorLine(target);
    yield* target.part();
  }
}

/** A line for the error: no line would read as clean. */
function errorLine({ target, error }: ScannedTarget): string {
  const told = {
    status: 'not_scanned',
    title: `${error?.code}: ${error?.message}`,
    remedy: error?.remedy ?? '',
  };
  const cells: Partial<Record<string, string>> = told;
  return csvLine([target, ...csvColumns.map((column) => cells[column] ?? '')]);
}
