import type { Download } from '../../../sources/download.ts';
import { type Repository, repositoriesOf } from '../../../sources/repodata/repository.ts';
import type { AlmaLinuxDefinition, AlmaLinuxRelease } from './definition.ts';

export const sourceId = 'almalinux';

/** Those of AlmaLinux 8 have some 100 MB. */
const maxErrataBytes = 2 ** 30;
const maxOsvBytes = 2 ** 28;

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

export function osvInput({ osv }: AlmaLinuxDefinition): Download {
  return { source: sourceId, id: 'almalinux-osv', url: osv, kind: 'zip', maxBytes: maxOsvBytes };
}
