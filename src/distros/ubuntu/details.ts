import type { Ledger, Vulnerability } from '../../model/index.ts';
import { cvss3 } from '../../sources/cvss3.ts';
import type { OsvRecord } from './osv.ts';
import type { TrackerRecord } from './tracker.ts';

/**
 * Details of a CVE in an OSV record that is not withdrawn. OSV has CVSS vectors without scores; a vector that is not of
 * version 3 is left out with a doubt, because its score is not computed.
 */
export function osvDetails(cve: string, record: OsvRecord, where: string, ledger: Ledger): Vulnerability {
  const reason = record.affected.find(({ priorityReason }) => priorityReason !== undefined)?.priorityReason;
  const cvss = record.cvss.flatMap((vector) => {
    const scored = cvss3(vector);
    if (!scored) ledger.doubt('cvss_not_scored', where, vector);
    return scored ?? [];
  });
  cvss.sort((a, b) => (a.version === b.version ? b.score - a.score : a.version < b.version ? 1 : -1));
  return {
    id: cve,
    ...(record.details ? { description: record.details } : {}),
    ...(record.published === undefined ? {} : { published: record.published }),
    ...(cvss.length > 0 ? { cvss } : {}),
    ...(record.references.length > 0 ? { references: record.references } : {}),
    ...(reason ? { severityReason: reason } : {}),
  };
}

/** The same from a file of the tracker. */
export function trackerDetails(record: TrackerRecord): Vulnerability {
  return {
    id: record.cve,
    ...(record.description ? { description: record.description } : {}),
    ...(record.published === undefined ? {} : { published: record.published }),
    ...(record.priorityReason ? { severityReason: record.priorityReason } : {}),
  };
}
