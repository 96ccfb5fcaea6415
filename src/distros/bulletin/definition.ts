import type { Platform } from '../../model/feed/index.ts';
import type { Download } from '../../sources/download.ts';
import type { Bulletin } from '../bulletins.ts';
import { rolling } from './rule.ts';

/** `feeds/ID.json` of a vendor of one document. A test checks it by schemas/bulletin-definition.schema.json. */
export interface BulletinDefinition {
  /** Address of the document. */
  document: string;
  /** Share of the records that may be malformed before the document is refused. */
  malformedShare: number;
  /** So many may be malformed in any case, if there are others. */
  malformedFew: number;
  releases: readonly BulletinRelease[];
}

export interface BulletinRelease {
  /** No end is known. */
  branch: 'rolling';
  /** VERSION_ID. Absent: any. */
  version?: string;
}

export function platformsOf({ id, name, packaging }: Bulletin, { releases }: BulletinDefinition): Platform[] {
  return releases.map(({ version }) => ({
    id: `${id}-${version ?? rolling}`,
    name: version === undefined ? name : `${name} ${version}`,
    aliases: version === undefined ? [id] : [],
    os: { id, version: version ?? rolling },
    packaging,
    life: [],
  }));
}

/** Limit of a document, in bytes. */
export const maxBytes = 2 ** 28;

export function documentInput({ id, input }: Bulletin, { document }: BulletinDefinition): Download {
  return { id: input, source: id, url: document, kind: 'json', maxBytes };
}
