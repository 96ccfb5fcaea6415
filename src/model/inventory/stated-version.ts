import { type PackageUrl, qualifier } from './package-url.ts';

/**
 * The version of a component by its package URLs and its own field, with its epoch. Not a contradiction, and the fuller one counts:
 * trivy has the epoch in the package URL only, as a qualifier, and Red Hat the release. A list: the versions that contradict each
 * other, or none.
 */
export function statedVersion(
  purls: readonly PackageUrl[],
  own: string | undefined,
): string | readonly string[] {
  const texts = [
    ...new Set([...purls.flatMap((purl) => urlVersions(purl, own)), ...(own === undefined ? [] : [own])]),
  ];
  const versions = texts.map(withoutEpoch);
  const fullest = versions.find((each) =>
    versions.every((other) => each === other || each.startsWith(`${other}-`)),
  );
  const [epoch, ...others] = new Set(texts.flatMap((text) => /^(\d+):/.exec(text)?.[1] ?? []));
  if (fullest === undefined || others.length > 0) return texts;
  return epoch === undefined ? fullest : `${epoch}:${fullest}`;
}

function urlVersions(purl: PackageUrl, own: string | undefined): string[] {
  const version = purl.version ?? own;
  const epoch = qualifier(purl, 'epoch');
  if (version === undefined) return [];
  const qualified = epoch === undefined ? [] : [`${epoch}:${withoutEpoch(version)}`];
  return epoch !== undefined && version === withoutEpoch(version) ? qualified : [version, ...qualified];
}

function withoutEpoch(version: string): string {
  return version.replace(/^\d+:/, '');
}
