import type { Download } from '../../../sources/download.ts';
import { type Repository, repositoriesOf } from '../../../sources/repodata/repository.ts';
import type { AlmaLinuxDefinition, AlmaLinuxRelease } from './definition.ts';

export const sourceId = 'almalinux';

/** Those of AlmaLinux 8 have some 100 MB. */
const maxErrataBytes = 2 ** 30;
const maxOsvBytes = 2 ** 28;
/** Compressed; that of AlmaLinux 8 has some 2 MB. */
const maxOvalBytes = 2 ** 26;

export function errataInput(
  { major }: Pick<AlmaLinuxRelease, 'major'>,
  { errata }: AlmaLinuxDefinition,
): Download {
  return {
    source: sourceId,
    id: `almalinux-errata-${major}`,
    url: `${errata}/${major}/errata.full.json`,
    kind: 'json',
    maxBytes: maxErrataBytes,
  };
}

export function repositoryInputs(
  { repositories }: AlmaLinuxRelease,
  { packages }: AlmaLinuxDefinition,
): Repository[] {
  return repositoriesOf(sourceId, { packages, repositories });
}

const ovalPrefix = 'almalinux-oval-';

export function isOval({ id }: { id: string }): boolean {
  return id.startsWith(ovalPrefix);
}

/** The vendor's own OVAL of a release. */
export function ovalInput(
  { major }: Pick<AlmaLinuxRelease, 'major'>,
  { oval }: AlmaLinuxDefinition,
): Download {
  return {
    source: sourceId,
    id: `${ovalPrefix}${major}`,
    url: `${oval}/org.almalinux.alsa-${major}.xml.bz2`,
    kind: 'packed',
    maxBytes: maxOvalBytes,
  };
}

export function osvInput({ osv }: AlmaLinuxDefinition): Download {
  return { source: sourceId, id: 'almalinux-osv', url: osv, kind: 'zip', maxBytes: maxOsvBytes };
}
