import { listOf } from '../io/json-parts.ts';
import { hasEmptyVersion, parsePackageUrl } from '../model/inventory/index.ts';

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function textsOf(value: unknown): string[] {
  return listOf(value).flatMap((each) => textOf(each) ?? []);
}

/** Why a product with these texts in members for package URLs is not known. */
export function faultOfPurls(texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const fault = faultOfPurl(text);
    if (fault !== undefined) return `${text.slice(0, 200)} ${fault}`;
  }
  return undefined;
}

function faultOfPurl(text: string): string | undefined {
  const purl = parsePackageUrl(text);
  if (!purl) return 'is no package URL';
  if (hasEmptyVersion(text)) return 'has no version after its @';
  if (purl.subpath !== undefined) return 'is about a part of a package, which no database has';
  const [, query = ''] = /\?([^#]*)/.exec(text) ?? [];
  const malformed = query.split('&').find((pair) => pair !== '' && !/^[^=]+=/.test(pair));
  if (malformed !== undefined) return `has the qualifier ${malformed} without a name or a value`;
  const names = new Set<string>();
  const [twice] = purl.qualifiers.find(([name]) => names.size === names.add(name).size) ?? [];
  return twice === undefined ? undefined : `has the qualifier ${twice} twice`;
}

/** A hash with its algorithm, as registries write digests: `sha256:…`. */
export function hashOf(algorithm: string, digits: string): string {
  const name = algorithm.toLowerCase().replace(/^sha-/, 'sha');
  const text = digits.toLowerCase();
  return text.startsWith(`${name}:`) ? text : `${name}:${text}`;
}

/** The first of these that is stated; a time that is no text, `null` too, is as wrong as one that is no time. */
export function statedTime(...values: readonly unknown[]): string | undefined {
  const stated = values.find((value) => value !== undefined);
  return stated === undefined || typeof stated === 'string' ? stated : JSON.stringify(stated);
}
