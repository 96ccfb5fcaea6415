import type { DistroExport } from '../../export/rows/distro-export.ts';
import type { ExportLine, ExportRow } from '../../export/rows/rows.ts';
import type { TrivyContext } from '../../export/rows/trivy-layout.ts';
import { apkInstalled } from '../../packaging/apk/version.ts';
import type { RollingVendor } from '../rolling.ts';
import { plainLines } from '../shared/export/deb-lines.ts';
import { plainTrivy } from '../shared/export/trivy-plain.ts';
import { rollingPages } from './rule.ts';

/** Trivy, where it knows the vendor, and CSAF: no other layout has been compared with what its scanner says of these systems. */
export function rollingExport(vendor: RollingVendor): DistroExport {
  const { id: os, also = [], cpe, publisher, records } = vendor;
  return {
    ids: [os, ...also],
    trivy: plainTrivy(
      vendor,
      records?.byPackage ? { causes: packageCauses, lines: fixedLines } : { causes: trivyCauses },
    ),
    csaf: {
      name: os,
      vendor: publisher,
      namespace: os,
      pages: rollingPages,
      // No version: a release of such a vendor is one package's.
      system: (platform) => ({ id: platform.id, name: platform.name, cpe: `cpe:/o:${cpe.join(':')}` }),
    },
    releases: ({ id }, feed) => [{ subject: 'source', lines: () => plainLines(feed, id) }],
  };
}

const trivyCauses = [
  ['unparsable_version', 'A version that does not follow the grammar of apk is compared all the same.'],
] as const;

/** It looks for the name of an origin, and knows a flaw by the version that fixes it. */
const packageCauses = [
  ...trivyCauses,
  [
    'own_name',
    'What is said of a package by its own name is looked up only where that is the name of its origin.',
  ],
] as const;

/** Of fixes that differ by architecture the highest. */
function* fixedLines({ feed, inexact }: TrivyContext, platform: string): Generator<ExportLine> {
  for (const { package: name, rows } of plainLines(feed, platform)) {
    const byFlaw = new Map<string, ExportRow>();
    for (const row of rows)
      for (const id of row.ids) {
        const known = byFlaw.get(id);
        if (known === undefined || isWorse(row, known)) byFlaw.set(id, { ...row, ids: [id] });
      }
    const fixes: ExportRow[] = [];
    for (const [id, row] of byFlaw) {
      if (row.fixed !== undefined || row.status === 'not_affected') fixes.push(row);
      else inexact.leftOut(platform, 'without_fix', withoutFix, name, [id]);
    }
    if (fixes.length > 0) yield { package: name, rows: fixes };
  }
}

function isWorse({ status, fixed }: ExportRow, known: ExportRow): boolean {
  if (status === 'not_affected' || known.status === 'not_affected') return known.status === 'not_affected';
  if (fixed === undefined || known.fixed === undefined) return fixed === undefined;
  return apkInstalled(fixed)?.(known.fixed) === 1;
}

const withoutFix =
  'Trivy knows a flaw by the version that fixes it here: one without a fix cannot be written.';
