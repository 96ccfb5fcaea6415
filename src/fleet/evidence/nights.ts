import { isoSeconds } from '../../model/data-date.ts';
import type { EvidenceAbsence, EvidenceFeed, EvidenceNight } from '../../model/fleet/index.ts';
import type { Queries } from '../store/database.ts';

const dayMs = 24 * 3_600_000;

interface RunRow extends Omit<EvidenceNight, 'run' | 'started' | 'finished' | 'feed'> {
  id: number;
  started: Date;
  finished: Date | null;
  digest: string | null;
  created: Date | null;
  signed: boolean;
  sources: EvidenceFeed['sources'];
}

/** The kept runs up to one, in order. */
export async function readNights(queries: Queries, last: number): Promise<EvidenceNight[]> {
  const rows = await queries.query<RunRow>(
    `SELECT runs.id, state, started, finished, tool, digest, created, signed, sources
     FROM fleet.runs LEFT JOIN fleet.feeds ON feeds.id = feed WHERE runs.id <= $1 AND state <> 'open' ORDER BY runs.id`,
    [last],
  );
  return rows.map(({ id, state, started, finished, tool, digest, created, signed, sources }) => ({
    ...{ run: id, started: isoSeconds(started), finished: finished && isoSeconds(finished), state, tool },
    feed:
      digest === null || created === null ? null : { digest, created: isoSeconds(created), signed, sources },
  }));
}

/** Days (UTC) on which no run ended. Runs have numbers without gaps: a missing one was deleted. */
export function absentDays(nights: readonly EvidenceNight[], until: Date): EvidenceAbsence[] {
  const ended = nights.filter(({ state }) => state === 'finished');
  const kept = new Set(nights.map(({ run }) => run));
  const absent: EvidenceAbsence[] = [];
  for (const [at, { run, finished }] of ended.entries()) {
    const next = ended[at + 1];
    const from = dayOf(Date.parse(finished!)) + 1;
    const to = dayOf(next ? Date.parse(next.finished!) : until.getTime() + 1) - 1;
    if (to < from) continue;
    const isWhole = !next || allBetween(run, next.run, kept);
    absent.push({ from: textOf(from), to: textOf(to), reason: isWhole ? 'no_run' : 'not_kept' });
  }
  return absent;
}

function allBetween(from: number, to: number, kept: ReadonlySet<number>): boolean {
  for (let run = from + 1; run < to; run++) if (!kept.has(run)) return false;
  return true;
}

function dayOf(time: number): number {
  return Math.floor(time / dayMs);
}

function textOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}
