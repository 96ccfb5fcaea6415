import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseForeignJson } from '../../../io/foreign-json.ts';
import { refusal } from '../problem.ts';
import { requireProgress } from './require-progress.ts';

/** An inventory of an image with everything that a distribution has is 60 MB. */
export const largestInventory: number = 64 << 20;

/** Bodies that are in memory at once: ten times as much stands for one that was parsed. */
const atOnce = 4;

const unzipped = promisify(gunzip);

/** JSON, plain or compressed, a few at once. What is longer than announced or unpacks to more than the limit is refused. */
export function addInventoryBodies(app: FastifyInstance): void {
  let count = 0;
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
      const isPacked = encoding?.toLowerCase() === 'gzip' || type?.startsWith('application/gzip');
      return parsed(isPacked ? await unpacked(body) : body);
    },
  );
}

async function unpacked(body: Buffer): Promise<Buffer> {
  try {
    return await unzipped(body, { maxOutputLength: largestInventory });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw refusal('REQUEST_TOO_LARGE', `the body unpacks to more than ${largestInventory >> 20} MB`);
    throw refusal('REQUEST_INVALID', 'the body is no whole gzip file');
  }
}

function parsed(body: Buffer): unknown {
  try {
    return parseForeignJson(body);
  } catch (error) {
    throw refusal('REQUEST_INVALID', `the body is no JSON: ${(error as Error).message}`);
  }
}
