import { isIPv6 } from 'node:net';
import type { ProxyRules } from '../../fleet/serve/access/rules.ts';
import { addressMatcher } from '../../fleet/serve/access/rules.ts';
import type { ServerOptions } from '../../fleet/serve/open-server.ts';
import { readNamed } from '../../io/read-at-most.ts';
import { ScapfeedError } from '../../model/index.ts';
import { usage } from '../../tasks/given-words.ts';
import { flag, form, group, number, type OptionValues, path, repeatable, text } from '../../tasks/option.ts';
import { policyOptions } from '../../tasks/scan/options.ts';

const header = (help: string) =>
  form('NAME', help, (text) => (/^[a-z0-9-]+$/i.test(text) ? text.toLowerCase() : undefined));

const standardListen = { host: '127.0.0.1', port: 8710 };

/** Where the server of a fleet listens, and who may ask. */
export const serverOptions = group('Server', {
  listen: form(
    'HOST:PORT',
    'address to listen on (default: 127.0.0.1:8710); addresses other than loopback need a token',
    listenAddress,
    'write it as 127.0.0.1:8710, [::1]:8710 or 0.0.0.0:8710',
  ),
  'tls-cert': path('FILE', 'serve HTTPS with this certificate and its chain, in PEM'),
  'tls-key': path('FILE', 'its key, in PEM'),
  'rate-limit': number(
    'requests per address and minute (default: 1200); those from this machine are not limited',
  ),
  'trusted-proxy': repeatable(
    form(
      'ADDRESS',
      'address of a reverse proxy whose client information is trusted, such as 10.0.0.5 or 10.0.0.0/24',
      (text) => (isAddress(text) ? text : undefined),
      'write it as 10.0.0.5, 10.0.0.0/24 or fd00::/8',
    ),
  ),
  'proxy-user-header': header(
    "the proxy's header with the authenticated user, such as x-forwarded-user; the proxy must remove it " +
      'from client requests',
  ),
  'proxy-groups-header': header(
    "the proxy's header with the user's groups: scapfeed-read, scapfeed-write, scapfeed-admin (default: " +
      'every user can read)',
  ),
});

/** Of a server that scans for Harbor too. */
export const harborOptions = group('Harbor', {
  harbor: flag(
    "also answer Harbor's API for scanners (1.0 to 1.2): register this server's address in Harbor",
  ),
  'harbor-registry': repeatable(
    text(
      'HOST',
      'scan for Harbor images of this registry only, which may be on this machine (default: any other)',
    ),
  ),
  'allow-uncovered': {
    ...policyOptions['allow-uncovered'],
    help: 'with --harbor: also report images with packages that have no data in the feed',
  },
});

/** @throws {ScapfeedError} USAGE: an option of Harbor's API without it */
export function requireHarbor(command: string, given: OptionValues<typeof harborOptions>): void {
  if (given.harbor) return;
  for (const name of ['harbor-registry', 'allow-uncovered'] as const)
    if (given[name]) throw usage(command, `--${name} is for --harbor`, 'add --harbor, or leave it out');
}

export function serverChoice(command: string, given: OptionValues<typeof serverOptions>): ServerOptions {
  const { listen = standardListen, 'rate-limit': perMinute } = given;
  const proxy = proxyRules(command, given);
  const tls = tlsFiles(command, given);
  return {
    listen,
    ...(tls && { tls }),
    ...(proxy && { proxy }),
    ...(perMinute !== undefined && { perMinute }),
  };
}

function proxyRules(command: string, given: OptionValues<typeof serverOptions>): ProxyRules | undefined {
  const { 'trusted-proxy': trusted, 'proxy-user-header': user, 'proxy-groups-header': groups } = given;
  if (groups !== undefined && user === undefined)
    throw usage(command, '--proxy-groups-header is for users that --proxy-user-header names');
  if (user !== undefined && trusted === undefined)
    throw usage(
      command,
      '--proxy-user-header is believed of a --trusted-proxy only, and none is named',
      'specify the address of the proxy with --trusted-proxy',
    );
  if (trusted === undefined) return undefined;
  return {
    trusted,
    ...(user !== undefined && { userHeader: user }),
    ...(groups !== undefined && { groupsHeader: groups }),
  };
}

function tlsFiles(command: string, given: OptionValues<typeof serverOptions>): ServerOptions['tls'] {
  const { 'tls-cert': cert, 'tls-key': key } = given;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw usage(command, '--tls-cert and --tls-key are given together');
  return { cert: readPem(cert), key: readPem(key) };
}

function readPem(file: string): string {
  try {
    return readNamed(file).toString('utf8');
  } catch (cause) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: `the file cannot be read: ${(cause as Error).message}`,
      where: file,
      remedy: 'specify a PEM file that this user may read',
      cause,
    });
  }
}

function listenAddress(text: string): { host: string; port: number } | undefined {
  const [, inBrackets, plain = '', digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535 || (inBrackets !== undefined && !isIPv6(inBrackets)))
    return undefined;
  return { host: inBrackets ?? plain, port };
}

function isAddress(text: string): boolean {
  try {
    addressMatcher([text]);
    return true;
  } catch {
    return false;
  }
}
