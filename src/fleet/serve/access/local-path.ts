/** Where a person wanted to go, if it is on this server: browsers take `//host` and `/\host` for another one. Otherwise `/`. */
export function localPath(given: unknown): string {
  return typeof given === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(given) && !given.includes('\\')
    ? given
    : '/';
}
