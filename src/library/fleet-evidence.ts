import { readEvidence } from '../fleet/evidence/read-evidence.ts';
import { meantId } from '../fleet/meant-id.ts';
import { currentTime } from '../io/clock.ts';
import type { FleetEvidence } from '../model/fleet/index.ts';
import { evidenceCsv } from '../report/fleet/evidence-csv.ts';
import { evidenceHtml } from '../report/fleet/evidence-html.ts';
import { evidenceTable } from '../report/fleet/evidence-table.ts';
import { requireId, requirePast } from '../tasks/fleet/evidence.ts';
import { databaseOf, type Fleet, fleetShape } from './fleet-store.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { date, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { json, type Reported, reported } from './reports.ts';
import { type RunOptions, run } from './run.ts';

/** Options of {@link fleetEvidence}. */
export interface FleetEvidenceOptions extends RunOptions {
  /** Reports the state at that time. Default: at the end of the last run. */
  asOf?: Date;
}

/** @internal */
export const fleetEvidenceParameters: ParameterCheck = new ParameterCheck('fleetEvidence', {
  fleet: fleetShape,
  vulnerability: required(text),
  options: optionShapes<FleetEvidenceOptions>({ ...things.runOptions, asOf: date }),
});

/**
 * Reads what a fleet knows about a vulnerability, now or at a past time. Same as `scapfeed fleet evidence`.
 *
 * @param vulnerability - Its id, or that of a record about packages of a language.
 * @returns The document. An image in `unknown` may have the vulnerability.
 * @throws {@link ScapfeedError} `NOT_FOUND` when no run had ended by then, or its results were deleted; `USAGE` for a time that is not over, and for a word that is no id;
 * `DATABASE_UNUSABLE`
 * @example
 * ```ts
 * import { fleetEvidence, isScapfeedError, openFleet } from 'scapfeed';
 *
 * const fleet = await openFleet('fleet-without-runs');
 * try {
 *   await fleetEvidence(fleet, 'CVE-2026-20111');
 * } catch (error) {
 *   console.log(isScapfeedError(error) && error.code); // NOT_FOUND
 * }
 * await fleet.close();
 * ```
 */
export function fleetEvidence(
  fleet: Fleet,
  vulnerability: string,
  options: FleetEvidenceOptions = {},
): Promise<Reported<FleetEvidence, 'csv' | 'html' | 'json' | 'table'>> {
  return run(fleetEvidenceParameters, [fleet, vulnerability, options], async () => {
    const { asOf } = options;
    const id = requireId(meantId(vulnerability));
    if (asOf) requirePast(asOf, currentTime());
    const evidence = await readEvidence(fleet[databaseOf], id, asOf);
    return reported(evidence, {
      json: () => json(evidence),
      table: () => evidenceTable(evidence),
      csv: () => evidenceCsv(evidence),
      html: () => evidenceHtml(evidence),
    });
  });
}
