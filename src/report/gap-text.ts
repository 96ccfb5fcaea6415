import { incompleteDatabase, unreadContext } from '../model/inventory/index.ts';
import {
  type Gap,
  uncoveredComponents,
  uncoveredLanguages,
  unreadPackageFiles,
} from '../model/verdict/index.ts';
import { plural } from './text-table.ts';

const unread: ReadonlySet<Gap['code']> = new Set(['unread_records', unreadPackageFiles]);
/** Gaps whose details begin with a number of packages. */
const counts: ReadonlySet<Gap['code']> = new Set([
  'uncovered_packages',
  uncoveredComponents,
  uncoveredLanguages,
]);

/** The gaps of a result that is no scan, a line each. `platform`: the name of the release. */
export function gapText(gap: Gap, platform: string): string {
  const { code, where, detail } = gap;
  if (code === 'end_of_life') return endOfLifeText(platform, detail);
  if (code === incompleteDatabase) return `not read: the package database at ${where} (${detail})`;
  if (code === unreadContext)
    return `not read: what the image says of its products at ${where ?? 'its labels'} (${detail}); with it, verdicts may be others`;
  return `${unread.has(code) ? 'not read' : 'not covered'}: ${gapWords(gap)}`;
}

/** `605 packages without data in this feed`: a gap of a result in a sentence. */
export function gapWords({ code, where, detail }: Gap): string {
  if (code === unreadPackageFiles) return where === undefined ? detail : `${detail} (${where})`;
  if (!counts.has(code)) return detail;
  return detail.replace(/^\d+/, (count) => plural(Number(count), 'package'));
}

/** `Debian GNU/Linux 10 (buster) is past its end of life: the vendor no longer publishes …` */
export function endOfLifeText(platform: string, detail: string): string {
  return `${platform} is past its end of life: ${detail}`;
}
