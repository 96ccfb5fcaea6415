import { statSync } from 'node:fs';
import { join } from 'node:path';
import { refusedAccess } from '../io/system-reason.ts';
import { ScapfeedError } from '../model/error.ts';
import { type ImageReference, neededAt, parseReference, referenceText } from './reference.ts';
import { statOrNothing } from './view/dir-view.ts';

/**
 * Image names do not begin like this; a name with such an ending is probably a mistyped archive or SBOM, not an image of
 * docker.io.
 */
const pathForm =
  /^(?:~|\.\.?)?\/|^\.\.?$|^[^:]*(?:\/|\.(?:(?:tar|json|spdx|xml)(?:\.(?:gz|bz2|xz|zst))?|tgz|tbz2?|txz|tzst))$/;

/**
 * Detects the kind of a reference: an existing path is preferred to an image name in a registry, and its content decides its
 * form.
 * @throws IMAGE_REFERENCE_INVALID, IMAGE_NOT_FOUND, IMAGE_UNREADABLE
 */
export function detectReference(text: string): ImageReference {
  const bare = text === '-' ? undefined : statOrNothing(text);
  if (bare?.isDirectory()) return { kind: isLayout(text) ? 'oci' : 'dir', path: text };
  if (bare) return { kind: 'tar', path: text };
  if (pathForm.test(text)) throw noFile(text);
  const reference = parseReference(text);
  if ('path' in reference) requirePath(reference);
  return reference;
}

function noFile(text: string): ScapfeedError {
  requireAccess(text, text);
  return new ScapfeedError({
    code: 'IMAGE_NOT_FOUND',
    message: `no such file: ${text}`,
    where: text,
    remedy: 'check the path; an image of such a name is registry:HOST/NAME',
  });
}

/** @throws IMAGE_UNREADABLE for a path that this user may not look at */
function requireAccess(path: string, where: string): void {
  try {
    statSync(path);
  } catch (cause) {
    const refused = refusedAccess(cause, 'the image');
    if (refused) throw new ScapfeedError({ code: 'IMAGE_UNREADABLE', where, cause, ...refused });
  }
}

function isLayout(path: string): boolean {
  return ['oci-layout', 'index.json'].every((name) => statOrNothing(join(path, name))?.isFile());
}

function requirePath(reference: ImageReference & { path: string }): void {
  const stats = statOrNothing(reference.path);
  const needsDirectory = neededAt(reference) === 'directory';
  if (stats && stats.isDirectory() === needsDirectory) return;
  if (!stats) requireAccess(reference.path, referenceText(reference));
  const found = stats ? (stats.isDirectory() ? 'a directory' : 'a file') : 'nothing';
  throw new ScapfeedError({
    code: 'IMAGE_NOT_FOUND',
    message: `expected ${needsDirectory ? 'a directory' : 'a file'} at ${reference.path}, found ${found}`,
    where: referenceText(reference),
    remedy: 'check the path and the prefix of the reference',
  });
}
