import { byOrder } from './order.ts';
import type { OvalResult } from './result.ts';
import { truth } from './result.ts';

interface Network {
  /** Address with the host bits cleared. */
  address: bigint;
  prefix: number;
}

/** Addresses with an optional prefix; an order needs equal prefixes, a subset the same leading bits. */
export function compareAddresses(
  datatype: 'ipv4_address' | 'ipv6_address',
  operation: string,
  found: string,
  stated: string,
): OvalResult {
  const bits = datatype === 'ipv4_address' ? 32 : 128;
  const left = networkOf(found, bits);
  const right = networkOf(stated, bits);
  if (!left || !right) return 'error';
  if (operation === 'subset of') return truth(contains(right, left, bits));
  if (operation === 'superset of') return truth(contains(left, right, bits));
  if (left.prefix !== right.prefix) {
    if (operation === 'equals') return 'false';
    return operation === 'not equal' ? 'true' : 'error';
  }
  return byOrder(operation, left.address < right.address ? -1 : left.address > right.address ? 1 : 0);
}

function contains(outer: Network, inner: Network, bits: number): boolean {
  return outer.prefix <= inner.prefix && clear(inner.address, outer.prefix, bits) === outer.address;
}

function networkOf(text: string, bits: number): Network | undefined {
  const [addressText = '', prefixText] = text.trim().split('/');
  const address = bits === 32 ? ipv4(addressText) : ipv6(addressText);
  const prefix = prefixText === undefined ? bits : prefixOf(prefixText, bits);
  if (address === undefined || prefix === undefined) return undefined;
  return { address: clear(address, prefix, bits), prefix };
}

/** A prefix length, or for IPv4 a netmask. */
function prefixOf(text: string, bits: number): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= bits ? Number(text) : undefined;
  const mask = bits === 32 ? ipv4(text) : undefined;
  if (mask === undefined) return undefined;
  const ones = /^(1*)0*$/.exec(mask.toString(2).padStart(32, '0'));
  return ones?.[1]?.length;
}

function clear(address: bigint, prefix: number, bits: number): bigint {
  const host = BigInt(bits - prefix);
  return (address >> host) << host;
}

function ipv4(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const octets = match?.slice(1).map(Number);
  if (!octets || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
}

function ipv6(text: string): bigint | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail) {
    const low = ipv4(tail[2] as string);
    if (low === undefined) return undefined;
    return ipv6(`${tail[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - groups.flat().length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [
    ...(groups[0] ?? []),
    ...Array<string>(halves.length === 2 ? missing : 0).fill('0'),
    ...(groups[1] ?? []),
  ];
  if (all.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
