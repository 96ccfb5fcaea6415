import type { ProxyRules } from '../../fleet/serve/access/rules.ts';
import type { ServerOptions } from '../../fleet/serve/open-server.ts';
import { readNamed, readOrRefuse } from '../../io/read-at-most.ts';
import type { harborOptions, serverOptions } from '../../tasks/fleet/server-options.ts';
import { usage } from '../../tasks/given-words.ts';
import type { OptionValues } from '../../tasks/option.ts';

const standardListen = { host: '127.0.0.1', port: 8710 };

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
  return readOrRefuse(() => readNamed(file).toString('utf8'), {
    ...{ code: 'USAGE', what: 'the file', where: file },
    remedy: 'specify a PEM file that this user may read',
  });
}
