import { addAbortSignal } from 'node:stream';
import { connect } from 'node:tls';
import { workSignal } from '../cancellation.ts';
import { hostOf } from './addresses.ts';
import { plainAnswer } from './exchange.ts';

/** Milliseconds after which a server without an answer counts as one that uses TLS: the next request then reports the fault. */
const patience = 10_000;

/**
 * Whether a server takes a TLS handshake; false: it answers in plain http, hangs up, or none listens. Nothing is requested, and the
 * certificate is judged by the requests that follow. `host`: with its port, or without for 443.
 */
export function answersTls(host: string): Promise<boolean> {
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
