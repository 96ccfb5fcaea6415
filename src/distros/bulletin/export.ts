import type { DistroExport } from '../../export/rows/distro-export.ts';
import type { Bulletin } from '../bulletins.ts';
import { csafRelease } from '../shared/export/csaf-release.ts';
import { plainLines } from '../shared/export/deb-lines.ts';
import { plainTrivy } from '../shared/export/trivy-plain.ts';

/** Trivy, where it knows the vendor, and CSAF: no other layout has been compared with what its scanner says of these systems. */
export function bulletinExport(bulletin: Bulletin): DistroExport {
  const { id: os, cpe, publisher, pages, subject } = bulletin;
  return {
    ids: [os],
    trivy: plainTrivy(bulletin, { rowSeverity: true }),
    csaf: {
      name: os,
      vendor: publisher,
      namespace: os,
      pages,
      system: (platform, claim) => csafRelease(platform, claim, cpe),
    },
    releases: ({ id }, feed) => [{ subject, lines: () => plainLines(feed, id) }],
  };
}
