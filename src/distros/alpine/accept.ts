import { ScapfeedError } from '../../model/index.ts';
import type { AlpineDefinition, AlpineRelease } from './definition.ts';
import type { SecdbDocument } from './secdb.ts';

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
      message: `expected the security database of ${branch}, found that of ${document.branch.slice(0, 40)}`,
      where,
      remedy: 'fetch it again, or correct the mirror',
    });
  }
  requireShare(document.faults.length, document.packages.length, definition, where);
}

/** @throws SOURCE_MALFORMED: the format has changed, or the document is another */
export function requireShare(
  faults: number,
  packages: number,
  { malformedShare, malformedFew }: AlpineDefinition,
  where: string,
): void {
  const allowed = Math.max(malformedFew, malformedShare * (faults + packages));
  if (faults <= allowed && (packages > 0 || faults === 0)) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected packages, found ${faults} of ${faults + packages} in another form`,
    where,
    remedy: 'fetch it again; if the format has changed, a newer scapfeed is needed',
  });
}
