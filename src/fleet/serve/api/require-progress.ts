import type { FastifyRequest } from 'fastify';
import { refusal } from '../../refusal.ts';
import { endWith } from '../end-with.ts';
import { problemOf } from '../problem.ts';

/** Milliseconds between two looks at what came, and the bytes that must have come in between: as much as a bad telephone line. */
export const progressEvery = 5_000;
export const leastProgress: number = 16 << 10;

/** Ends a request whose body comes too slowly: it would keep a place from others for as long as a request may take. */
export function requireProgress({ raw }: FastifyRequest): void {
  const { socket } = raw;
  let read = socket.bytesRead;
  // The connection lives on for other requests.
  const stop = () => {
    clearInterval(looking);
    socket.off('close', stop);
    raw.off('end', stop);
  };
  const look = () => {
    if (raw.complete || socket.destroyed) return stop();
    const now = socket.bytesRead;
    if (now - read >= leastProgress) {
      read = now;
      return;
    }
    stop();
    const least = `${leastProgress >> 10} KB in ${progressEvery / 1000} s`;
    endWith(
      socket,
      problemOf(
        refusal('REQUEST_INVALID', `the body came more slowly than ${least}`, 'send it compressed with gzip'),
      ),
    );
  };
  // A process that was busy reads what has come before it looks.
  const looking = setInterval(() => setImmediate(look), progressEvery);
  looking.unref();
  socket.once('close', stop);
  raw.once('end', stop);
}
