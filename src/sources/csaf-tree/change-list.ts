import type { CsafTree } from './tree.ts';

/** One line of changes.csv or deletions.csv. */
export interface Change {
  /** `2023/cve-2023-6240.json`; in some trees `cve-2023-6240.json`. */
  path: string;
  /** ISO 8601 UTC. */
  time: string;
}

export interface ChangeList {
  /** The newest change of each path. */
  changes: Map<string, string>;
  /** Numbers of malformed lines, from 1. */
  malformed: number[];
}

type Paths = Pick<CsafTree, 'isPath'>;

const line =
  /^"?(?<path>[A-Za-z0-9][A-Za-z0-9._/-]*\.json)"?,"?(?<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))"?\r?$/;

/** A changes.csv: two quoted fields without header, newest first, a path perhaps several times. */
export function parseChanges(text: string, { isPath }: Paths): ChangeList {
  const list: ChangeList = { changes: new Map(), malformed: [] };
  for (const { row, at } of rowsOf(text)) {
    const groups = line.exec(row)?.groups;
    const milliseconds = Date.parse(groups?.['time'] ?? '');
    if (!groups || Number.isNaN(milliseconds) || !isPath(groups['path']!)) {
      list.malformed.push(at);
      continue;
    }
    const time = new Date(milliseconds).toISOString();
    const path = groups['path']!;
    const known = list.changes.get(path);
    if (known === undefined || known < time) list.changes.set(path, time);
  }
  return list;
}

/** Lines that are not empty, numbered from 1. The text is not split at once: one of line ends would fill the memory. */
export function* rowsOf(text: string): Generator<{ row: string; at: number }> {
  let at = 0;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    at += 1;
    const row = text.slice(start, end);
    if (row.trim() !== '') yield { row, at };
    start = end + 1;
  }
}

/** A quote that is not closed shows that the list was truncated. */
export function isChangeLine(text: string, { isPath }: Paths): boolean {
  return isPath(line.exec(text)?.groups?.['path'] ?? '') && text.split('"').length % 2 === 1;
}

/** An index.txt: one path per line. Other lines are ignored, because the changes have the same paths. */
export function parseIndex(text: string, { isPath }: Paths): string[] {
  const paths = new Set<string>();
  for (const { row } of rowsOf(text)) if (isPath(row.trim())) paths.add(row.trim());
  return [...paths].sort();
}

/** The day in an archive's name: `csaf_vex_2024-08-04.tar.zst`; undefined: it has none. */
export function archiveDay(name: string): string | undefined {
  return /(?<!\d)(\d{4}-\d\d-\d\d)(?!\d)/.exec(name)?.[1];
}
