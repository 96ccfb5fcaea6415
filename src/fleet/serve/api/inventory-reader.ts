import { getHeapStatistics } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../../io/threads.ts';
import { ScapfeedError } from '../../../model/error.ts';
import { refusal } from '../../refusal.ts';
import type { InventoryAnswer, InventoryTask, SentInventory } from './inventory-thread.ts';

/** Of the memory that this process may use for values, the thread's part; the machine decides how much that is. */
const part = 0.75;

/** Reads what others send in a thread of its own, one after the other. A thread that runs out of memory ends, not the server. */
export class InventoryReader {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws REQUEST_INVALID, REQUEST_TOO_LARGE, and what an inventory is refused for */
  read(task: InventoryTask): Promise<SentInventory> {
    const reading = this.#last.then(() => this.#answer(task));
    this.#last = reading.catch(() => undefined);
    return reading;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #answer(task: InventoryTask): Promise<SentInventory> {
    this.#worker ??= this.#started();
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<SentInventory>();
    const ended = (error: unknown) => {
      if (this.#worker === worker) this.#worker = undefined;
      reject(isOutOfMemory(error) ? tooLarge() : error);
    };
    const answered = (answer: InventoryAnswer) => {
      if ('sent' in answer) resolve(answer.sent);
      else reject(new ScapfeedError(answer.failure));
    };
    const exited = () => ended(new Error('the thread that reads inventories ended'));
    worker.once('message', answered).once('error', ended).once('exit', exited);
    // To hand on a buffer of its own costs nothing; a small body lies in one that others share.
    const isOwn = task.body.byteLength === task.body.buffer.byteLength;
    const body = isOwn ? task.body : Uint8Array.from(task.body);
    worker.postMessage({ ...task, body }, [body.buffer as ArrayBuffer]);
    return promise.finally(() => {
      worker.off('message', answered).off('error', ended).off('exit', exited);
    });
  }

  #started(): Worker {
    const maxOldGenerationSizeMb = Math.floor((getHeapStatistics().heap_size_limit * part) / 2 ** 20);
    const worker = startThread('inventory-thread', import.meta.url, undefined, { maxOldGenerationSizeMb });
    // A server that is done does not wait for it.
    worker.unref();
    // Between two inventories there is no other listener.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }
}

function isOutOfMemory(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function tooLarge(): ScapfeedError {
  return refusal(
    'REQUEST_TOO_LARGE',
    'to read this inventory takes more memory than the server has for it',
    'give the server more memory, or send an inventory with fewer packages',
  );
}
