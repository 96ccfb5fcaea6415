import { byOrder } from './order.ts';
import type { OvalResult } from './result.ts';
import { truth } from './result.ts';

/**
 * int and float. A float has 32 bits, as in XML Schema, so values that 32 bits cannot distinguish are equal. int also supports
 * `bitwise and` (every stated bit is set) and `bitwise or` (no bit other than the stated ones is set).
 */
export function compareNumbers(
  datatype: 'int' | 'float',
  operation: string,
  found: string,
  stated: string,
): OvalResult {
  const left = numberOf(datatype, found);
  const right = numberOf(datatype, stated);
  if (left === undefined || right === undefined) return 'error';
  if (operation === 'bitwise and' || operation === 'bitwise or') {
    if (datatype === 'float') return 'error';
    const [item, state] = [BigInt(left), BigInt(right)];
    return truth(operation === 'bitwise and' ? (item & state) === state : (item | state) === state);
  }
  // NaN has no order: only `not equal` holds.
  if (Number.isNaN(Number(left)) || Number.isNaN(Number(right))) return truth(operation === 'not equal');
  return byOrder(operation, left < right ? -1 : left > right ? 1 : 0);
}

export function compareBooleans(operation: string, found: string, stated: string): OvalResult {
  const left = booleanOf(found);
  const right = booleanOf(stated);
  if (left === undefined || right === undefined) return 'error';
  if (operation === 'equals') return truth(left === right);
  return operation === 'not equal' ? truth(left !== right) : 'error';
}

export function compareBinary(operation: string, found: string, stated: string): OvalResult {
  if (!isHex(found) || !isHex(stated)) return 'error';
  const same = found.toLowerCase() === stated.toLowerCase();
  if (operation === 'equals') return truth(same);
  return operation === 'not equal' ? truth(!same) : 'error';
}

/** Fields of digits between any separators, compared as integers; a missing field is 0. */
export function compareVersions(operation: string, found: string, stated: string): OvalResult {
  const left = fieldsOf(found);
  const right = fieldsOf(stated);
  if (!left || !right) return 'error';
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const a = left[at] ?? 0n;
    const b = right[at] ?? 0n;
    if (a !== b) return byOrder(operation, a < b ? -1 : 1);
  }
  return byOrder(operation, 0);
}

function booleanOf(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : undefined;
}

/** Characters: the exact digits of a double are at most 1,079. V8's stack for a pattern ends at some million. */
const longestFloat = 2_000;

/** A float of XML Schema, whose special values are INF, -INF and NaN; undefined: none. */
export function floatOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > longestFloat) return undefined;
  const special = /^([+-]?)(INF|NaN)$/i.exec(trimmed);
  if (special)
    return special[2]?.toLowerCase() === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity;
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** A float as text with 15 digits: 1.21, not 1.2100000000000002. */
export function floatText(number: number): string {
  if (Number.isNaN(number)) return 'NaN';
  if (!Number.isFinite(number)) return number < 0 ? '-INF' : 'INF';
  return String(Number(number.toPrecision(15)));
}

function numberOf(datatype: 'int' | 'float', text: string): bigint | number | undefined {
  if (datatype === 'float') {
    const number = floatOf(text);
    return number === undefined ? undefined : Math.fround(number);
  }
  const trimmed = text.trim();
  if (!/^[+-]?\d{1,400}$/.test(trimmed)) return undefined;
  const number = Number(trimmed);
  return Number.isSafeInteger(number) ? number : BigInt(trimmed.replace(/^\+/, ''));
}

function isHex(text: string): boolean {
  return /^(?:[0-9a-fA-F]{2})*$/.test(text);
}

function fieldsOf(text: string): bigint[] | undefined {
  if (!/^\s*\d/.test(text) || text.length > 1_000) return undefined;
  return (text.match(/\d+/g) ?? []).map(BigInt);
}
