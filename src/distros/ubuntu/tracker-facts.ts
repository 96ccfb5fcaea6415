import type { Ledger } from '../../model/feed/index.ts';
import type { TrackerFact, TrackerInput } from './join.ts';
import type { Places } from './place.ts';
import { priorityOf, type TrackerRecord, type TrackerRow } from './tracker.ts';
import { readTrackerStatus } from './tracker-status.ts';
import { sayings, severityOfPriority } from './vocabulary.ts';

/** The rows of a tracker file about compiled releases; every other row is a finding. */
export function trackerFacts(record: TrackerRecord, places: Places, ledger: Ledger): TrackerInput {
  const where = `${record.folder}/${record.cve}`;
  if (record.rows.length === 0) ledger.drop('no_status_row', where);
  return { where, rows: record.rows.flatMap((row) => facts(record, row, places, ledger)) };
}

function facts(record: TrackerRecord, row: TrackerRow, places: Places, ledger: Ledger): TrackerFact[] {
  const place = places.of(row.release);
  const where = `${record.folder}/${record.cve}:${row.release}_${row.package}`;
  if (typeof place === 'string') {
    const meant = places.of(row.release.toLowerCase());
    if (typeof meant === 'string') ledger.drop(place, where);
    else {
      const about = { platforms: [meant.platform], package: row.package };
      ledger.drop('release_misspelt', where, row.status.slice(0, 80), 1, about);
    }
    return [];
  }
  if (record.rejected) {
    ledger.drop('rejected', where);
    return [];
  }
  const { saying, drop, esm, doubt } = readTrackerStatus(row.status);
  if (doubt !== undefined) ledger.doubt(doubt, where, row.status);
  if (!saying) {
    const about = { platforms: [place.platform], package: row.package };
    ledger.drop(drop ?? 'unknown_status', where, row.status, 1, about);
    return [];
  }
  if (saying === sayings.notShipped && place.channel !== undefined) {
    ledger.drop('not_shipped', where);
    return [];
  }
  const priority = priorityOf(record, row);
  const severity = severityOfPriority(priority ?? 'untriaged');
  if (severity === undefined) ledger.doubt('unknown_priority', where, priority);
  const fact = { place, package: row.package, saying, severity: severity ?? 'unknown' };
  return [esm && place.channel === undefined ? { ...fact, place: { ...place, channel: 'esm-infra' } } : fact];
}
