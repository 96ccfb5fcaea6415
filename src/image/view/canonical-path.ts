/** A name of an archive as an absolute path without `.`, `..` and empty parts. */
export interface CanonicalPath {
  path: string;
  /** The name pointed above the root; it was held at the root, as container engines do. */
  escaped: boolean;
}

/** `./usr//bin/` -> `/usr/bin`, `../../etc/x` -> `/etc/x` (escaped). */
export function canonicalPath(name: string): CanonicalPath {
  const plain = plainPath(name);
  if (plain !== undefined) return { path: plain, escaped: false };
  const parts: string[] = [];
  let escaped = false;
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) escaped = true;
  }
  return { path: `/${parts.join('/')}`, escaped };
}

/** The usual forms `usr/bin`, `./usr/bin` and `usr/bin/` without taking the name apart. */
function plainPath(name: string): string | undefined {
  const start = name.startsWith('./') ? 2 : name.startsWith('/') ? 1 : 0;
  const end = name.endsWith('/') ? name.length - 1 : name.length;
  if (end <= start) return undefined;
  const path = `/${name.slice(start, end)}`;
  return path.includes('//') || path.includes('/.') ? undefined : path;
}
