import { ScapfeedError } from '../../model/index.ts';
import type { MirroredChannel } from './channel.ts';

/** Characters of an address; what is longer is none. */
const maxAddress = 300;

/**
 * The base address of a channel by its list of mirrors: the first on a host that is known, read as the list was (a list over
 * TLS leads to no mirror without).
 * @throws SOURCE_MALFORMED if there is none
 */
export function mirrorIn(
  text: string,
  { mirrors, hosts }: Pick<MirroredChannel, 'mirrors' | 'hosts'>,
): string {
  const list = new URL(mirrors);
  for (const line of text.split('\n')) {
    if (line.length > maxAddress) continue;
    const base = /^https?:\/\/([^/?#@\s]+)(\/[\w.+~/-]*?)\/*\s*$/.exec(line);
    const [, host = '', path = ''] = base ?? [];
    const isKnown = host === list.host || hosts.includes(host);
    if (isKnown && !path.split('/').includes('..')) return `${list.protocol}//${host}${path}`;
  }
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected a mirror on ${[list.host, ...hosts].join(' or ')}, found ${JSON.stringify(text.slice(0, 80))}`,
    where: mirrors,
    remedy: 'fetch it again; if the vendor has moved its mirrors, a newer scapfeed is needed',
  });
}
