import { addAbortSignal } from 'node:stream';
import { connect } from 'node:tls';
import { workSignal } from '../io/cancellation.ts';
import { hostOf, isLoopbackHost } from '../io/http/addresses.ts';
import { plainAnswer } from '../io/http/exchange.ts';

/** The user's settings for connections to registries. */
export interface PlainChoice {
  /** Hosts for which plain http is used; true: every host; false: none, not even a loopback address. */
  insecure?: boolean | readonly string[] | undefined;
  /** PEM text of the user's certificate authorities. If present, TLS is used on the loopback address too. */
  ca?: string | undefined;
}

/** Whether a registry is reached by plain http: one that is named, and one on the loopback address that does not use TLS. */
export async function usesPlainHttp(host: string, { insecure = [], ca }: PlainChoice): Promise<boolean> {
  if (typeof insecure === 'boolean') return insecure;
  if (insecure.includes(host)) return true;
  return ca === undefined && isLoopbackHost(host.replace(/:\d+$/, '')) && !(await answersTls(host));
}

/** Milliseconds after which a server without an answer counts as one that uses TLS: the next request then reports the fault. */
const patience = 10_000;

/**
 * Whether a server takes a TLS handshake; false: it answers in plain http, hangs up, or none listens. Nothing is requested, and the
 * certificate is judged by the requests that follow. `host`: with its port, or without for 443.
 */
function answersTls(host: string): Promise<boolean> {
  const url = new URL(`https://${host}`);
  const signal = workSignal();
  return new Promise((resolve) => {
    const socket = connect({
      host: hostOf(url),
      port: Number(url.port || 443),
      rejectUnauthorized: false,
      timeout: patience,
    });
    if (signal) addAbortSignal(signal, socket);
    const end = (answer: boolean) => {
      resolve(answer);
      socket.destroy();
    };
    socket.on('secureConnect', () => end(true));
    socket.on('timeout', () => end(true));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? '';
      end(!plainAnswer.test(code) && code !== 'ECONNRESET' && code !== 'ECONNREFUSED');
    });
  });
}
