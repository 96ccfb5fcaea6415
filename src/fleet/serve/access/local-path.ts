/** A longer one fits neither into a form of signing in nor into a cookie, of which browsers keep 4,096 bytes. */
const longest = 1200;

/** Where a person wanted to go, if it is on this server: browsers take `//host` and `/\host` for another one. Otherwise `/`. */
export function localPath(given: unknown): string {
  return typeof given === 'string' &&
    given.length <= longest &&
    /^\/(?![/\\])[\x21-\x7e]*$/.test(given) &&
    !given.includes('\\')
    ? given
    : '/';
}
