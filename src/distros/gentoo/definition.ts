import data from '../../../feeds/gentoo.json' with { type: 'json' };
import type { Platform } from '../../model/feed/index.ts';
import type { Download } from '../../sources/download.ts';
import type { MalformedLimits } from '../../sources/errata/malformed-share.ts';
import { osId, rolling } from './rule.ts';

/** `feeds/gentoo.json`: where Gentoo's advisories are. A test checks it by schemas/gentoo-definition.schema.json. */
export interface GentooDefinition extends MalformedLimits {
  /** Address of a tar of the repository of advisories. */
  archive: string;
  /** There is one, without an end. */
  releases: readonly { branch: string }[];
}

export const gentooDefinition: GentooDefinition = data;

export const sourceId = 'gentoo';

export const gentooPlatform: Platform = {
  id: `${osId}-${rolling}`,
  name: 'Gentoo Linux',
  aliases: [osId],
  os: { id: osId, version: rolling },
  packaging: 'ebuild',
  life: [],
};

/** Packed; all advisories since 2003 have some 2 MB. */
export const maxArchiveBytes = 2 ** 26;

export function archiveInput({ archive }: Pick<GentooDefinition, 'archive'>): Download {
  return { id: 'gentoo-glsa', source: sourceId, url: archive, kind: 'packed', maxBytes: maxArchiveBytes };
}
