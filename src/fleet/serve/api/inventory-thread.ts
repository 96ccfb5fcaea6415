// The program of the thread that reads what others send: neither its time nor its memory is that of the server.
import { parentPort } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { parseForeignJson } from '../../../io/foreign-json.ts';
import { type ErrorDetails, ScapfeedError } from '../../../model/error.ts';
import { refusal } from '../../refusal.ts';
import { requireInventory } from '../../store/given-inventory.ts';
import { prepareInventory } from '../../store/imports.ts';
import type { PreparedImage } from '../../store/prepared-image.ts';

/** A body as it came. */
export interface InventoryTask {
  body: Uint8Array;
  isPacked: boolean;
  /** Bytes of what it unpacks to. */
  largest: number;
  /** The name under which it is kept. */
  name?: string;
}

/** An inventory that was sent, for the store. */
export interface SentInventory {
  /** Its own reference. */
  reference: string;
  prepared: PreparedImage;
}

export type InventoryAnswer = { sent: SentInventory } | { failure: ErrorDetails };

/** Inventories of real images unpack to twenty times as much. */
const mostRatio = 100;
/** Unpacked size that is allowed for any body, however small, in bytes. */
const freeBytes = 1 << 20;
/** Values of JSON: an inventory of 64 MB has half as many. */
const mostValues = 4_000_000;
/** Levels of JSON: an inventory has ten. */
const mostLevels = 64;

const port = parentPort!;

port.on('message', (task: InventoryTask) => {
  port.postMessage(answerOf(task));
});

function answerOf({ body, isPacked, largest, name }: InventoryTask): InventoryAnswer {
  try {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const document = requireInventory(parsed(isPacked ? unpacked(bytes, largest) : bytes), 'body');
    const { reference } = document.image;
    return { sent: { reference, prepared: prepareInventory(document, name ?? reference) } };
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    const { code, message, where, remedy } = error;
    return { failure: { code, message, ...(where && { where }), ...(remedy && { remedy }) } };
  }
}

function unpacked(body: Buffer, largest: number): Buffer {
  const most = Math.min(largest, Math.max(freeBytes, body.length * mostRatio));
  try {
    return gunzipSync(body, { maxOutputLength: most });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE')
      throw refusal('REQUEST_INVALID', 'the body is no whole gzip file');
    const limit = most === largest ? `${largest >> 20} MB` : `${mostRatio} times its size`;
    throw refusal('REQUEST_TOO_LARGE', `the body unpacks to more than ${limit}`);
  }
}

function parsed(body: Buffer): unknown {
  try {
    return parseForeignJson(body, { maxValues: mostValues, maxDepth: mostLevels });
  } catch (error) {
    throw refusal('REQUEST_INVALID', `the body is no JSON of an inventory: ${(error as Error).message}`);
  }
}
