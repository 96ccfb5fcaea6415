import type { Socket } from 'node:net';
import type { HttpProblem } from '../refusal.ts';
import { securityHeaders } from './security-headers.ts';

/** Answers on a connection whose request is not read to its end, and ends it. */
export function endWith(socket: Socket, problem: HttpProblem): void {
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...Object.entries(securityHeaders(false)).map(([name, value]) => `${name}: ${value}`),
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
