import { percentEncoded } from './percent-encoded.ts';
import { stableImageName } from './scan/words.ts';

/** `pkg:oci/NAME@DIGEST`: what any reader that compares qualifiers one by one finds the image by. */
export function imagePurl(reference: string, digest: string): string {
  const name = stableImageName(reference);
  const last = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  return `pkg:oci/${percentEncoded(last)}@${percentEncoded(digest)}`;
}

/** The same with its architecture and, for an image of a registry, its repository: statements that name these find it as well. */
export function fullImagePurl(reference: string, digest: string, architecture?: string): string {
  const qualifiers = [
    ...(architecture === undefined ? [] : [`arch=${percentEncoded(architecture)}`]),
    ...(reference.startsWith('registry:')
      ? [`repository_url=${percentEncoded(repositoryOf(reference))}`]
      : []),
  ];
  const query = qualifiers.length === 0 ? '' : `?${qualifiers.join('&')}`;
  return imagePurl(reference, digest) + query;
}

/** As others write it: Docker Hub by the name of its index. */
function repositoryOf(reference: string): string {
  return reference
    .slice('registry:'.length)
    .replace(/@sha256:[0-9a-f]+$/, '')
    .replace(/:[^/:]*$/, '')
    .replace(/^docker\.io\//, 'index.docker.io/');
}
