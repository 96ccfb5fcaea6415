import { listOf } from '../io/value-parts.ts';
import { parsePackageUrl } from '../model/index.ts';

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function textsOf(value: unknown): string[] {
  return listOf(value).flatMap((each) => textOf(each) ?? []);
}

/** Why a product with these texts in members for package URLs is not known. */
export function faultOfPurls(texts: readonly string[]): string | undefined {
  const malformed = texts.find((text) => parsePackageUrl(text) === undefined);
  return malformed === undefined ? undefined : `${malformed.slice(0, 200)} is no package URL`;
}

/** The first of these that is stated; a time that is no text, `null` too, is as wrong as one that is no time. */
export function statedTime(...values: readonly unknown[]): string | undefined {
  const stated = values.find((value) => value !== undefined);
  return stated === undefined || typeof stated === 'string' ? stated : JSON.stringify(stated);
}
