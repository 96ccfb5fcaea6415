import { join } from 'node:path';
import { ScapfeedError } from '../model/index.ts';
import { parseReference, type Reference, referenceText } from './reference.ts';
import { statOrNothing } from './view/stat-or-nothing.ts';

/**
 * What a user's word for an image stands for: a path that exists goes before the name of an image in a registry, and
 * what it holds tells which form it is. Errors: IMAGE_REFERENCE_INVALID, IMAGE_NOT_FOUND.
 */
export function detectReference(text: string): Reference {
  const bare = text === '-' ? undefined : statOrNothing(text);
  if (bare?.isDirectory()) return { kind: isLayout(text) ? 'oci' : 'dir', path: text };
  if (bare) return { kind: 'tar', path: text };
  const reference = parseReference(text);
  if ('path' in reference) requirePath(reference);
  return reference;
}

function isLayout(path: string): boolean {
  return ['oci-layout', 'index.json'].every((name) => statOrNothing(join(path, name))?.isFile());
}

function requirePath(reference: Reference & { path: string }): void {
  const stats = statOrNothing(reference.path);
  const needsDirectory = reference.kind === 'dir' || reference.kind === 'oci';
  if (stats && stats.isDirectory() === needsDirectory) return;
  const found = stats ? (stats.isDirectory() ? 'a directory' : 'a file') : 'nothing';
  throw new ScapfeedError({
    code: 'IMAGE_NOT_FOUND',
    message: `expected ${needsDirectory ? 'a directory' : 'a file'} at ${reference.path}, found ${found}`,
    where: referenceText(reference),
    remedy: 'check the path, and the form of reference that stands before it',
  });
}
