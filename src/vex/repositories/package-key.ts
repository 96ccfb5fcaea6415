import type { PackageUrl } from '../../model/inventory/index.ts';

/**
 * `pkg:TYPE/NAMESPACE/NAME`, decoded and in lower case: the key of a package in the table of documents. Of an image it is the name
 * alone, whose registry publishers write in many ways; what a document says is matched in full.
 */
export function packageKey({ type, namespace, name }: PackageUrl): string {
  const path = namespace === undefined || type === 'oci' ? name : `${namespace}/${name}`;
  return `pkg:${type}/${path}`.toLowerCase();
}
