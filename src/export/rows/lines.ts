import type { ExportInexactList } from './inexact.ts';
import type { ExportRow } from './rows.ts';

/** The rows of a package without those of single lines, for layouts that compare every build of the name with every row. */
export function withoutLines(
  rows: readonly ExportRow[],
  name: string,
  platform: string,
  inexact: Pick<ExportInexactList, 'leftOut'>,
): ExportRow[] {
  return rows.filter((row) => {
    if (row.line === undefined) return true;
    inexact.leftOut(platform, 'line', ofALine, name, row.ids);
    return false;
  });
}

const ofALine =
  'It holds for versions of one channel, and packages of other channels have the same name: those of the main one are written.';
