import { hash } from 'node:crypto';

const digits = 16;

/**
 * Name of the folder of a pulled feed: the start of its manifest's sha256, then of that of all its files. By the first half
 * a scan checks that the manifest, which has the digests of everything else that it reads, is the one that a pull wrote.
 */
export function versionName(manifest: string | Uint8Array, files: string): string {
  return begin(manifest) + begin(files);
}

/** True if a folder of this name was made for a feed with this manifest. */
export function isVersionOf(name: string, manifest: Uint8Array): boolean {
  return name.length === 2 * digits && name.startsWith(begin(manifest));
}

function begin(content: string | Uint8Array): string {
  return hash('sha256', content).slice(0, digits);
}
