import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { platformBinaries, vulnerabilityLines } from '../../feed/read/whole-file.ts';
import { ownText } from '../../io/private-cache.ts';
import { type Severity, vendorWord } from '../../model/feed/index.ts';
import { type NamedRelease, releasesWith } from '../releases.ts';
import type { ExportRow } from '../rows/rows.ts';
import type { ExportTarget, TargetWork } from '../target.ts';

export const debsecanTarget: ExportTarget = { name: 'debsecan', title: 'debsecan', write: writeDebsecan };

/** One file for each suite, by its name: what `debsecan --source URL --suite NAME` asks for. */
async function writeDebsecan({ feed, inexact, folder }: TargetWork): Promise<void> {
  const texts = new Map<string, string>();
  for (const { id, description } of vulnerabilityLines(feed)) texts.set(id, shortText(description));
  for (const release of releasesWith(feed, inexact, 'debsecan', ({ debsecan }) => debsecan)) {
    const text = suiteText(release, texts, { feed, inexact });
    writeFileSync(join(folder, release.names), deflateSync(text, { level: 9 }));
  }
}

interface Line {
  id: string;
  text: string;
}

/**
 * Vulnerabilities with their numbers, packages that refer to these numbers, and the binaries of each source. A package's
 * version is the threshold; the list of exact versions after it stays empty, because the file is of one suite.
 */
function suiteText(
  { platform, release }: NamedRelease<string>,
  texts: ReadonlyMap<string, string>,
  { feed, inexact }: Pick<TargetWork, 'feed' | 'inexact'>,
): string {
  const vulnerabilities: Line[] = [];
  const numbers = new Map<string, number>();
  const packages: string[] = [];
  const sources = new Set<string>();
  for (const { package: name, rows } of release.lines()) {
    for (const row of rows) {
      if (row.status === 'not_affected' || row.status === 'fixed') continue;
      const ids = row.ids.filter((id) => isField(id) && isField(name));
      const odd = row.ids.filter((id) => !ids.includes(id));
      if (odd.length > 0) inexact.leftOut(platform.id, 'odd_name', oddName, name, odd);
      noteInexact(platform.id, name, row, inexact);
      inexact.wrote(platform.id, ids.length);
      sources.add(name);
      for (const id of ids) {
        let number = numbers.get(id);
        if (number === undefined) {
          number = vulnerabilities.push({ id, text: texts.get(id) ?? '' }) - 1;
          numbers.set(id, number);
        }
        packages.push(`${name},${number},${flagsOf(row)},${row.fixed ?? ''},`);
      }
    }
  }
  const binaries = [...platformBinaries(feed, platform.id)].filter(({ source }) => sources.has(source));
  return [
    'VERSION 1',
    ...vulnerabilities.map(({ id, text }) => `${id},,${text}`),
    '',
    ...packages,
    '',
    ...binaries.map(
      ({ source, binaries: own, apart = [] }) => `${source},${[...own, ...apart].sort().join(' ')}`,
    ),
    '',
    '',
  ].join('\n');
}

/** Source row, urgency, remote unknown, whether there is a fix. */
function flagsOf(row: ExportRow): string {
  return `S${urgencies[vendorWord(row)]}?${row.fixed === undefined ? ' ' : 'F'}`;
}

const urgencies: Readonly<Record<Severity, string>> = {
  unknown: ' ',
  negligible: 'L',
  low: 'L',
  medium: 'M',
  high: 'H',
  critical: 'H',
};

/** Fields are separated by commas and lines. */
function isField(text: string): boolean {
  return /^[^\s,]+$/.test(text);
}

function shortText(description: string | undefined): string {
  const [line = ''] = (description ?? '').split('\n');
  return ownText(line.replace(/\s+/g, ' ').trim().slice(0, 70));
}

function noteInexact(platform: string, name: string, row: ExportRow, inexact: TargetWork['inexact']): void {
  const { ids, status, fixState } = row;
  const urgency = vendorWord(row);
  if (urgency === 'negligible' || urgency === 'critical')
    inexact.item(platform, urgency, noUrgency[urgency], name, ids);
  if (status === 'under_investigation') inexact.item(platform, 'under_investigation', notDecided, name, ids);
  if (fixState !== undefined && fixState !== 'available' && fixState !== 'none_yet')
    inexact.item(platform, fixState, noState, name, ids);
}

const oddName = 'A name or id with a comma or a blank cannot be written.';
const notDecided = 'Nobody has looked at it yet; debsecan has no word for it and says vulnerable.';
const noUrgency = {
  negligible: 'debsecan has no urgency below low: negligible is low.',
  critical: 'debsecan has no urgency above high: critical is high.',
} as const;
const noState = 'debsecan has no word for why there is no fix.';
