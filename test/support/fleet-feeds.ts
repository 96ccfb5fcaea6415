import { debianRelease, rootWith, stanza } from './cli.ts';
import { bookworm, writeSmallFeed } from './small-feed.ts';

/** Forty packages with a flaw each. */
export const packageNames = Array.from({ length: 40 }, (_, at) => `p${at}`);

export const flawNames = packageNames.map((_, at) => `CVE-2024-${1000 + at}`);

/** Root file systems that have all of them, in versions 1.0, 1.1 and so on. */
export function imagesOfVersions(count: number): string[] {
  return Array.from(
    { length: count },
    (_, image) =>
      `dir:${rootWith({
        'etc/os-release': debianRelease('12', 'bookworm'),
        'var/lib/dpkg/status': packageNames.map((name) => stanza(name, `1.${image}`)).join(''),
      })}`,
  );
}

/** A feed by which the packages are affected below a version. */
export function feedBelow(fixed: string): string {
  return writeSmallFeed([
    {
      platform: bookworm,
      statements: packageNames.map((name, at) => ({
        vulnerability: flawNames[at]!,
        package: name,
        status: 'fixed' as const,
        fixed,
        severity: 'high' as const,
      })),
    },
  ]);
}
