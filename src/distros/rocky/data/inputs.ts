import type { Download } from '../../../sources/download.ts';
import { type Repository, repositoriesOf } from '../../../sources/repodata/repository.ts';
import type { RockyDefinition, RockyRelease } from './definition.ts';

export const sourceId = 'rocky';

/** The pages of the API, a set of documents. */
export const advisoriesId = 'rocky-advisories';

const maxOsvBytes = 2 ** 28;

export function repositoryInputs(
  { repositories }: RockyRelease,
  { packages }: RockyDefinition,
): Repository[] {
  return repositoriesOf(sourceId, { packages, repositories });
}

export function osvInput({ osv }: RockyDefinition): Download {
  return { source: sourceId, id: 'rocky-osv', url: osv, kind: 'zip', maxBytes: maxOsvBytes };
}

export function pageUrl({ advisories, pageSize }: RockyDefinition, page: number): string {
  return `${advisories}?size=${pageSize}&page=${page}`;
}

/** Its name in the set; names sort as pages do. */
export function pageName(page: number): string {
  return `page-${String(page).padStart(5, '0')}.json`;
}
