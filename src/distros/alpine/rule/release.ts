/** `3.20.2` -> `3.20`; a snapshot of the next release (`3.22.0_alpha20250108`, `3.19_alpha20230901`) is edge. */
export function alpineRelease(versionId: string): string {
  if (versionId.includes('_alpha')) return 'edge';
  return versionId.split('.').slice(0, 2).join('.');
}
