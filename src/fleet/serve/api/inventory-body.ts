import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refusal } from '../../refusal.ts';
import { endWith } from '../end-with.ts';
import { problemOf } from '../problem.ts';
import { InventoryReader } from './inventory-reader.ts';

/** An inventory of an image with everything that a distribution has is 60 MB. */
export const largestInventory: number = 64 << 20;

/** Bodies that are in memory at once: ten times as much stands for one that was parsed. */
const atOnce = 4;

/** JSON, plain or compressed, a few at once. What is longer than announced or unpacks to more than the limit is refused. */
export function addInventoryBodies(app: FastifyInstance): void {
  let count = 0;
  const reader = new InventoryReader();
  app.addHook('onClose', () => reader.close());
  app.addHook('preParsing', async (request, reply) => {
    if (count >= atOnce) {
      reply.header('retry-after', '5');
      throw refusal(
        'TOO_MANY_REQUESTS',
        `${atOnce} inventories are being read now`,
        'send it again in some seconds',
      );
    }
    count += 1;
    requireProgress(request);
    // Of a client that breaks off, there is no answer that could end: its connection ends.
    reply.raw.once('close', () => {
      count -= 1;
    });
  });
  // Forms are for pages: here one would be taken for an inventory.
  app.removeContentTypeParser(['application/x-www-form-urlencoded', 'application/json']);
  app.addContentTypeParser(
    ['application/json', 'application/gzip'],
    { parseAs: 'buffer', bodyLimit: largestInventory },
    async (request: FastifyRequest, body: Buffer) => {
      const { 'content-encoding': encoding, 'content-type': type } = request.headers;
      if (encoding !== undefined && !['gzip', 'identity'].includes(encoding.toLowerCase()))
        throw refusal(
          'REQUEST_UNSUPPORTED',
          `expected content-encoding gzip or none, found ${encoding}`,
          'compress it with gzip, or send it plain',
        );
      const isPacked = encoding?.toLowerCase() === 'gzip' || type?.startsWith('application/gzip') === true;
      const { name } = request.query as { name?: unknown };
      return reader.read({
        ...{ body, isPacked, largest: largestInventory },
        ...(typeof name === 'string' && { name }),
      });
    },
  );
}

/** Milliseconds between two looks at what came, and the bytes that must have come in between: as much as a bad telephone line. */
const progressEvery = 5_000;
const leastProgress: number = 16 << 10;

/** Aborts a request that sends its body too slowly: it would occupy a slot until the request timeout. */
function requireProgress({ raw }: FastifyRequest): void {
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
