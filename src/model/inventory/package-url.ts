/** A package URL in its parts, decoded: `pkg:deb/debian/bash@5.2.15-2?arch=amd64&distro=debian-12`. */
export interface PackageUrl {
  type: string;
  namespace?: string;
  name: string;
  version?: string;
  /** In the order of the text; a name may occur more than once. */
  qualifiers: readonly (readonly [name: string, value: string])[];
  subpath?: string;
}

/**
 * Parses a package URL as the purl specification asks, and as writers write it: with or without percent-encoding of `+`, `:`
 * and `@` in versions, with slashes after the scheme, with a qualifier more than once. `pkg:alpine/NAME` of older versions of syft is
 * `pkg:apk/alpine/NAME`. The name of an ebuild has its category: `dev-lang/python`. Undefined: it is none.
 */
export function parsePackageUrl(text: string): PackageUrl | undefined {
  const [, rest] = /^pkg:\/*(.+)$/is.exec(text) ?? [];
  if (rest === undefined) return undefined;
  const [beforeHash, subpath] = cut(rest, rest.indexOf('#'));
  const [path, query] = cut(beforeHash, beforeHash.indexOf('?'));
  // A name may contain an encoded @ only; a namespace of npm is written as %40scope or, by mistake, as @scope.
  const slash = path.lastIndexOf('/');
  const [names, version] = cut(path, path.indexOf('@', slash + 2));
  const parts = names.split('/').filter((part) => part !== '');
  const [stated, ...steps] = parts.map(decoded);
  const name = steps.pop();
  const isAlpine = stated?.toLowerCase() === 'alpine';
  if (isAlpine && steps.length === 0) steps.push('alpine');
  const type = isAlpine ? 'apk' : stated;
  if (
    type === undefined ||
    !/^[a-z][a-z0-9.+-]*$/i.test(type) ||
    !name ||
    names.slice(slash + 1).startsWith('@')
  )
    return undefined;
  const below = (subpath ?? '')
    .split('/')
    .filter((part) => part !== '')
    .join('/');
  const isEbuild = type.toLowerCase() === 'ebuild';
  return {
    type: type.toLowerCase(),
    ...(steps.length > 0 && !isEbuild ? { namespace: steps.join('/') } : {}),
    name: isEbuild ? [...steps, name].join('/') : name,
    ...(version !== undefined && version !== '' ? { version: decoded(version) } : {}),
    qualifiers: query === undefined ? [] : qualifiersOf(query),
    ...(below !== '' && { subpath: decoded(below) }),
  };
}

/** Whether a package URL has an @ with nothing after it, which is not the same as no version. */
export function hasEmptyVersion(text: string): boolean {
  const [path = ''] = text.split(/[?#]/);
  return parsePackageUrl(text) !== undefined && path.endsWith('@');
}

/** The first value of a qualifier. */
export function qualifier({ qualifiers }: Pick<PackageUrl, 'qualifiers'>, name: string): string | undefined {
  return qualifiers.find(([each]) => each === name)?.[1];
}

function qualifiersOf(query: string): [string, string][] {
  return query.split('&').flatMap((pair): [string, string][] => {
    const [name, value] = cut(pair, pair.indexOf('='));
    return name === '' || value === undefined || value === '' ? [] : [[name.toLowerCase(), decoded(value)]];
  });
}

function cut(text: string, at: number): [before: string, after: string | undefined] {
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** A percent sign that begins no code stands for itself. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
