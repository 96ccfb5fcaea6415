import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** Networks of one kind, by address and bits. */
function networks(...subnets: readonly (readonly [address: string, bits: number])[]): BlockList {
  const list = new BlockList();
  for (const [address, bits] of subnets) list.addSubnet(address, bits, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return list;
}

/** This machine (RFC 6890). A connection to the unspecified address reaches it too. */
const machine = networks(['0.0.0.0', 8], ['127.0.0.0', 8], ['::', 127]);

/**
 * Link-local addresses, and the metadata addresses of clouds, which return a machine's credentials: AWS, Google, Alibaba, Azure.
 */
const link = networks(
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['fd20:ce::254', 128],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
);

/** Networks of one's own besides. */
const own = networks(
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['ff00::', 8],
);

/** IPv4 in IPv6: mapped, or by the well-known prefix of a NAT64. */
const mapped = networks(['::ffff:0:0', 96], ['64:ff9b::', 96]);

function isIn(list: BlockList, address: string): boolean {
  if (isIP(address) !== 6) return list.check(address, 'ipv4');
  const [plain = ''] = address.split('%');
  if (list.check(plain, 'ipv6')) return true;
  return mapped.check(plain, 'ipv6') && list.check(lastFourBytes(plain), 'ipv4');
}

function lastFourBytes(address: string): string {
  const dotted = /:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  // `new URL` writes an address in one form: `[::ffff:a9fe:a9fe]`.
  const parts = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':');
  const [high = 0, low = 0] = parts.slice(-2).map((part) => Number.parseInt(part || '0', 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

export function isOfMachine(address: string): boolean {
  return isIn(machine, address);
}

export function isOfLink(address: string): boolean {
  return isIn(link, address);
}

/** Of one's own machine, link or networks: what is there is not meant for the world. */
export function isPrivateAddress(address: string): boolean {
  return isOfMachine(address) || isOfLink(address) || isIn(own, address);
}

/** `localhost`, 127.0.0.0/8 and `[::1]`, as docker and podman have it. No name is looked up. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}

/** The host of an address as a connection takes it: `0x7f.1` is 127.0.0.1, and `[::1]` is ::1. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** Whether an address is in the list. @throws RangeError if it is not an IP address */
export function addressMatcher(addresses: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const text of addresses) {
    const [address = '', bits] = text.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) throw new RangeError(`${text} is no address`);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
