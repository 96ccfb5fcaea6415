import type { ShardLine } from './feed.ts';

/** A package and how many of the vendor's statements about it could not be read. */
export type UnreadPackage = Required<Pick<ShardLine, 'package' | 'unread'>>;

/** What every list of inexact rows says of such packages. */
export interface UnreadStatements {
  cause: string;
  what: string;
  packages: UnreadPackage[];
}

/** The packages of lines about which statements could not be read, in the order of the lines; undefined: there are none. */
export function unreadStatements(
  lines: Iterable<Pick<ShardLine, 'package' | 'unread'>>,
): UnreadStatements | undefined {
  const packages: UnreadPackage[] = [];
  for (const { package: name, unread } of lines) if (unread) packages.push({ package: name, unread });
  if (packages.length === 0) return undefined;
  return {
    cause: 'unread_statements',
    what: "Some of the vendor's statements about these packages could not be read when the feed was built, and this layout cannot say so: without a finding such a package looks clean, and scapfeed scan lists it as undecidable.",
    packages,
  };
}
