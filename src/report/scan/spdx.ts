import type { InstalledPackage } from '../../model/inventory/index.ts';
import { inventorySpdx } from '../sbom/spdx.ts';
import { advisoryUrl } from './flaw-facts.ts';
import type { ScanReport } from './report.ts';
import { blindnessText } from './unseen-text.ts';

type Reference = { type: 'advisory' | 'fix'; locator: string; comment: string };

/**
 * Formats a scan as SPDX 2.3 JSON. Before version 3, SPDX has no statuses of vulnerabilities: a package refers to the
 * vendor's pages about its flaws, and to the advisories that bring a fix.
 */
export function scanSpdx(report: ScanReport): Iterable<string> {
  const references = new Map<InstalledPackage, Map<string, Reference>>();
  for (const verdict of report.shown) {
    const known = references.get(verdict.package) ?? new Map<string, Reference>();
    references.set(verdict.package, known);
    const page = report.names.flawPage(verdict.vulnerability);
    const comment = `${verdict.vulnerability}, ${verdict.severity}`;
    if (page !== undefined) known.set(page, { type: 'advisory', locator: page, comment });
    if (verdict.fixState !== 'available') continue;
    for (const id of verdict.advisories) {
      const url = advisoryUrl(report, id);
      if (url !== undefined)
        known.set(url, { type: 'fix', locator: url, comment: `fixed in ${verdict.fixedVersion}` });
    }
  }
  return inventorySpdx(report.sbom(), {
    security: (pkg) => [...(references.get(pkg)?.values() ?? [])],
    comment: blindnessText(report),
  });
}
