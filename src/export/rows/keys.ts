/** bbolt's limit on a key, in bytes. */
const mostBytes = 32_768;

/**
 * True for a name that can be a key: not empty, not too long, and without characters beyond the Basic Multilingual Plane,
 * whose order in UTF-16 is not that of their bytes.
 */
export function isKey(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) <= mostBytes && !/[\ud800-\udfff]/.test(name);
}

export const notAKey = 'The name or id is too long or has characters that no package and no CVE has.';
