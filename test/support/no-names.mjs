// Tests ask no name server: one that is out of reach is waited for five seconds, and one that answers leads to the vendors' own servers.
// Node looks up this machine alone; any other name does not exist.
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIP } from 'node:net';
import os from 'node:os';

const own = new Set(['localhost', os.hostname()]);
/** Forms of an IPv4 address that isIP refuses and the system reads: `127.1`, `0x7f000001`. */
const numeric = /^(?:0x[\da-f]+|\d+)(?:\.(?:0x[\da-f]+|\d+))*$/i;
const isOwn = (name) =>
  !name || isIP(name) !== 0 || numeric.test(name) || own.has(name) || name.endsWith('.localhost');

const absent = (hostname) =>
  Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
    ...{ errno: -3008, code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname },
  });

const { lookup } = dns;
const lookupPromised = dns.promises.lookup;
dns.lookup = (name, ...rest) => {
  if (isOwn(name)) return lookup(name, ...rest);
  process.nextTick(rest.at(-1), absent(name));
  return {};
};
dns.promises.lookup = async (name, ...rest) => {
  if (isOwn(name)) return lookupPromised(name, ...rest);
  throw absent(name);
};
syncBuiltinESMExports();
