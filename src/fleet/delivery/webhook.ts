import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { hostOf, isPrivateAddress } from '../../io/http/addresses.ts';
import { networkReason } from '../../io/system-reason.ts';
import { ScapfeedError } from '../../model/error.ts';

/** Milliseconds that a receiver may take. */
const patience = 20_000;

/** `sha256=HEX` over the body, as GitHub signs its own: it proves the sender to the receiver. */
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
  const host = hostOf(target);
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
      reject(cause instanceof ScapfeedError ? cause : failed(target, networkReason(cause))),
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
    message: `a webhook to the private address ${address} is refused without --allow-private-webhook`,
    remedy: 'allow it if the receiver is your own',
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
