import { compareAlpm, parseAlpmVersion } from './alpm/version.ts';
import { compareApk, parseApkVersion } from './apk/version.ts';
import { compareDpkg, parseDpkgVersion } from './deb/version.ts';
import type { VersionOrder } from './order.ts';

/** Version orders of package managers, whose versions are texts with a grammar. */
export const packageOrders = {
  alpm: { read: (text) => read(text, parseAlpmVersion), compare: compareAlpm },
  apk: { read: (text) => read(text, parseApkVersion), compare: compareApk },
  deb: { read: (text) => read(text, parseDpkgVersion), compare: compareDpkg },
} as const satisfies Readonly<Record<string, { read(text: string): string | undefined; compare: unknown }>>;

export type OrderedPackaging = keyof typeof packageOrders;

/** No package has a longer version. */
const longestVersion = 255;

function read(text: string, parse: (text: string) => unknown): string | undefined {
  return text.length <= longestVersion && parse(text) !== undefined ? text : undefined;
}

export function orderOf(packaging: OrderedPackaging): VersionOrder<string> {
  const { read, compare } = packageOrders[packaging];
  // Both are versions, so that they can be compared.
  return { read, compare: (a, b) => compare(a, b) as number };
}
