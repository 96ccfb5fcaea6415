/** Folder of a pulled feed that has the keys and roots that came with it. */
export const trustFilesFolder = 'trust';

/** Names that a target and a file can have. */
const nameOfFile = /^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/;

export function isTrustFileName(name: string): boolean {
  return nameOfFile.test(name) && name.length <= 100;
}
