import data from '../../../feeds/dhi.json' with { type: 'json' };
import type { Platform } from '../../model/feed/index.ts';
import type { Download } from '../../sources/download.ts';
import { maxArchiveBytes } from '../../sources/osv/archive.ts';

/** `feeds/dhi.json`. A test checks it by schemas/dhi-definition.schema.json. */
export interface DhiDefinition {
  /** Address of the archive of the repository of advisories. */
  archive: string;
  /** Share of the records that may be malformed before the archive is refused. */
  malformedShare: number;
  /** So many may be malformed in any case, if there are others. */
  malformedFew: number;
  /** VERSION_ID is that of the base: `13`, `3.24`. Each image has an end of its own. */
  releases: readonly { branch: string; packaging: 'apk' | 'deb' }[];
}

export const dhiDefinition = data as DhiDefinition;

export function platformsOf({ releases }: DhiDefinition): Platform[] {
  return releases.map(({ branch, packaging }) => ({
    id: `dhi-${branch}`,
    name: `Docker Hardened Images ${branch}`,
    aliases: [],
    os: { id: 'dhi', version: branch },
    packaging,
    life: [],
  }));
}

export function archiveInput({ archive }: DhiDefinition): Download {
  return { id: 'dhi-osv', source: 'dhi', url: archive, kind: 'zip', maxBytes: maxArchiveBytes };
}
