import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { ScapfeedError } from '../../model/index.ts';

/** Milliseconds that a receiver may take. */
const patience = 20_000;

/** Addresses of one's own machine and networks (RFC 6890): a webhook to them could steer what is not meant for the world. */
const own = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  own.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  own.addSubnet(network, bits, 'ipv6');

export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return own.check(mapped, 'ipv4');
  return own.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** `sha256=HEX` over the body, as GitHub signs its own: the receiver knows that nobody else sent it. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

export interface Post {
  url: string;
  body: string;
  headers: Readonly<Record<string, string>>;
  allowPrivate: boolean;
}

/**
 * Posts JSON, and follows no redirect. The address is checked when the connection is made, so that a name cannot change what
 * it stands for in between. @throws {ScapfeedError} DELIVERY_FAILED
 */
export function postJson({ url, body, headers, allowPrivate }: Post): Promise<void> {
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !allowPrivate && isPrivateAddress(host)) return Promise.reject(refused(host));
  const send = target.protocol === 'https:' ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const sent = send(
      target,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
        lookup: allowPrivate ? lookup : publicLookup,
        signal: AbortSignal.timeout(patience),
      },
      (answer) => {
        answer.resume();
        const { statusCode = 0 } = answer;
        if (statusCode >= 200 && statusCode < 300) resolve();
        else reject(failed(target, `it answered ${statusCode}`));
      },
    );
    sent.once('error', (cause) =>
      reject(cause instanceof ScapfeedError ? cause : failed(target, cause.message)),
    );
    sent.end(body);
  });
}

const publicLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    const wrong = found?.find(({ address }) => isPrivateAddress(address));
    if (error) done(error, '', 0);
    else if (wrong) done(refused(wrong.address), '', 0);
    else if (options.all) done(null, found);
    else done(null, found[0]!.address, found[0]!.family);
  });
};

function refused(address: string): ScapfeedError {
  return new ScapfeedError({
    code: 'DELIVERY_FAILED',
    message: `a webhook to the private address ${address} is refused`,
    remedy: 'allow it with --allow-private-webhook if the receiver is your own',
  });
}

/** Without its path, which is a secret of some receivers. */
function failed({ origin }: URL, why: string): ScapfeedError {
  return new ScapfeedError({
    code: 'DELIVERY_FAILED',
    message: `the news could not be sent: ${why}`,
    where: origin,
  });
}
