import { ScapfeedError } from '../../model/error.ts';
import type { FleetEvidence } from '../../model/fleet/index.ts';
import { openGaps } from '../../model/verdict/index.ts';
import { plural } from '../../report/text-table.ts';
import type { GateOutcome } from '../outcome.ts';

/** Evidence as of a time in the future would lack what arrives until then. @throws {ScapfeedError} USAGE for a time that is not over */
export function requirePast(asOf: Date, now: Date): void {
  if (asOf <= now) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `expected a time that is over, found ${asOf.toISOString()}`,
    remedy: 'leave it out for the end of the last run',
  });
}

/** A word that is no id would be one that no image has. @throws {ScapfeedError} USAGE */
export function requireId(id: string): string {
  if (/^[a-z][a-z0-9]*[-:][\w:.-]+$/i.test(id)) return id;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `expected the id of a vulnerability, found ${id.slice(0, 200)}`,
    remedy: 'write it as CVE-2026-20111',
  });
}

/** 4: no image, or images of which nothing, no present state or not the whole is known. Those with some packages without data are listed, as by a run. */
export function evidenceOutcome({ unknown, watched }: FleetEvidence): GateOutcome<0 | 4> {
  if (watched === 0) return { exitCode: 4, reasons: ['not known: the fleet had no image'] };
  const parts = unknown.filter(({ state }) => state === 'partly');
  const nothing = unknown.length - parts.length;
  const open = parts.filter(
    ({ gaps = [] }) =>
      openGaps(
        gaps.map((code) => ({ code })),
        true,
      ).length > 0,
  ).length;
  const reasons = [
    ...(nothing > 0 ? [`not known: ${plural(nothing, 'image')} not read or not judged`] : []),
    ...(open > 0 ? [`not known in full: ${plural(open, 'image')} judged in part`] : []),
  ];
  return { exitCode: reasons.length > 0 ? 4 : 0, reasons };
}
