import { resolve } from 'node:path';
import { detectReference, hasScheme, referenceText } from '../../image/index.ts';
import { ScapfeedError } from '../../model/error.ts';
import { sbomFile } from '../image/sbom-subject.ts';

/**
 * A reference as it can be read from another folder too, with its scheme if it is a path.
 * @throws {ScapfeedError} USAGE, IMAGE_REFERENCE_INVALID, IMAGE_NOT_FOUND: nobody could read it, now or in later runs
 */
export async function lastingReference(text: string): Promise<string> {
  const reference = detectReference(text);
  if (reference.kind === 'stdin')
    throw new ScapfeedError({
      code: 'USAGE',
      message: 'an image on stdin cannot be read by later runs',
      remedy: 'specify a file or a registry',
    });
  if (!('path' in reference)) return text;
  const path = resolve(reference.path);
  const isSbom = (await sbomFile(text)) !== undefined;
  return referenceText(isSbom ? { kind: 'sbom', path } : { ...reference, path });
}

/**
 * A reference of a fleet as it is opened: paths are kept with their scheme, so one without is an image of a registry, whatever
 * the folder of this process holds.
 */
export function keptReference(text: string): string {
  return hasScheme(text) ? text : `registry:${text}`;
}
