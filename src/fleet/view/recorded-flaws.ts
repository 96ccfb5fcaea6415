import { flawsOfRecord } from '../store/record-flaws.ts';
import type { FleetView } from './fleet-view.ts';
import { openVulnerabilities } from './open-flaws.ts';

/** The flaws that a record states (`GHSA-…`); in a part of the fleet those that its images have. */
export async function recordedFlaws(view: FleetView, id: string): Promise<string[]> {
  const flaws = await flawsOfRecord(view.queries, id);
  if (view.seen === 'all' || flaws.length === 0) return flaws;
  const known = new Set((await openVulnerabilities(view)).map(({ vulnerability }) => vulnerability));
  return flaws.filter((flaw) => known.has(flaw));
}
