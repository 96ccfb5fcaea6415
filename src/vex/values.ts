import { listOf } from '../io/value-parts.ts';

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function textsOf(value: unknown): string[] {
  return listOf(value).flatMap((each) => textOf(each) ?? []);
}

/** The first of these that is stated; a time that is no text, `null` too, is as wrong as one that is no time. */
export function statedTime(...values: readonly unknown[]): string | undefined {
  const stated = values.find((value) => value !== undefined);
  return stated === undefined || typeof stated === 'string' ? stated : JSON.stringify(stated);
}
