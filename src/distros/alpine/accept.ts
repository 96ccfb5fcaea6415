import { ScapfeedError } from '../../model/error.ts';
import type { SecdbDocument } from '../../sources/secdb/document.ts';
import { requireShare } from '../../sources/secdb/statements.ts';
import type { AlpineDefinition, AlpineRelease } from './definition.ts';

/**
 * A security database is used only if it is that of the release, and most of its packages have their form.
 * @throws SOURCE_MALFORMED
 */
export function requireOf(
  { branch }: AlpineRelease,
  document: SecdbDocument,
  definition: AlpineDefinition,
  where: string,
): void {
  if (document.branch !== branch) {
    throw new ScapfeedError({
      code: 'SOURCE_MALFORMED',
      message: `expected the security database of ${branch}, found that of ${document.branch?.slice(0, 40) ?? 'no branch'}`,
      where,
      remedy: 'fetch it again, or correct the mirror',
    });
  }
  requireShare(document.faults.length, document.packages.length, definition, where);
}
