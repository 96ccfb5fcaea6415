import { compareNaturally } from '../model/order.ts';
import { line } from './printable.ts';
import { plural, textTable, thousands } from './text-table.ts';

/** The part of an export's report that the summary prints. */
export interface WrittenExport {
  target: string;
  outputs: readonly { path: string; size: number }[];
  platforms: readonly {
    platform: string;
    rows: number;
    left_out: number;
    without?: string;
    entries: readonly unknown[];
  }[];
}

/** Formats a summary of an export: files, platforms, and the facts that the layouts cannot express. */
export function exportSummary(out: string, exports: readonly WrittenExport[]): string {
  return exports.map((one) => targetText(out, one)).join('\n');
}

function targetText(out: string, { target, outputs, platforms }: WrittenExport): string {
  const written = platforms.filter(({ without }) => without === undefined);
  const rows = [...written]
    .sort((a, b) => compareNaturally(a.platform, b.platform))
    .map(({ platform, rows, left_out: leftOut, entries }) => [
      platform,
      thousands(rows),
      thousands(leftOut),
      String(entries.length),
    ]);
  const size = outputs.reduce((sum, output) => sum + output.size, 0);
  return [
    line(`${target}: ${plural(outputs.length, 'file')}, ${thousands(size)} bytes in ${out}/${target}`),
    textTable(['PLATFORM', 'ROWS', 'LEFT OUT', 'INEXACT CAUSES'], rows),
    ...platforms.flatMap(({ platform, without }) =>
      without === undefined ? [] : line(`without ${platform}: ${without}`),
    ),
    line(`what ${target} cannot say as scapfeed does is listed in ${out}/${target}.inexact.json`),
  ].join('');
}
