import { Worker } from 'node:worker_threads';
import { packageProgram } from './threads.ts';

/** Plain bytes a message: larger ones wait longer, smaller ones cost more messages. */
const batchBytes = 1 << 20;
/** Messages that may wait to be read; bounds the memory when the reader is the slower one. */
const maxWaiting = 16;

/**
 * Unfolds an xz file in a thread of its own, for archives of hundreds of megabytes whose reader is as busy as the
 * decoder. Throws the decoder's own error for broken or cut files.
 */
export async function* unxzInThread(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = packageProgram('xz-decompress', import.meta.url);
  const worker = new Worker(program, { eval: true, workerData: { decoder, batchBytes, maxWaiting } });
  const inbox = new Inbox();
  worker.on('message', (message: Message) => inbox.put(message));
  worker.on('error', (error) => inbox.put({ error }));
  const packed = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const message = await inbox.take();
      if ('error' in message) throw message.error;
      if ('end' in message) return;
      if ('wanted' in message) {
        const { value, done } = await packed.next();
        worker.postMessage({ piece: done ? undefined : value });
      } else {
        yield message.plain;
        worker.postMessage({ read: true });
      }
    }
  } finally {
    await worker.terminate();
    await packed.return?.();
  }
}

type Message = { plain: Uint8Array } | { wanted: true } | { end: true } | { error: unknown };

/** Messages in their order, for one reader. */
class Inbox {
  #messages: Message[] = [];
  #wake: (() => void) | undefined;

  put(message: Message): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  async take(): Promise<Message> {
    while (this.#messages.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#messages.shift()!;
  }
}

// Text and not a file, so that it runs from the sources and from the bundle alike.
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const { file, text } = workerData.decoder;
const decoder = { exports: {} };
if (file) decoder.exports = require(file);
else new Function('module', 'exports', 'require', text)(decoder, decoder.exports, require);
const { XzReadableStream } = decoder.exports;
let give;
let resume;
let waiting = 0;
parentPort.on('message', (message) => {
  if (message.read) {
    waiting -= 1;
    resume?.();
  } else give(message.piece);
});
const packed = new ReadableStream({
  async pull(controller) {
    const piece = new Promise((resolve) => { give = resolve; });
    parentPort.postMessage({ wanted: true });
    const bytes = await piece;
    if (bytes === undefined) controller.close();
    else controller.enqueue(bytes);
  },
}, { highWaterMark: 0 });
async function post(batch, size) {
  while (waiting >= workerData.maxWaiting) await new Promise((resolve) => { resume = resolve; });
  const plain = new Uint8Array(size);
  let at = 0;
  for (const piece of batch) {
    plain.set(piece, at);
    at += piece.length;
  }
  waiting += 1;
  parentPort.postMessage({ plain }, [plain.buffer]);
}
(async () => {
  let batch = [];
  let size = 0;
  for await (const piece of new XzReadableStream(packed)) {
    batch.push(piece);
    size += piece.length;
    if (size < workerData.batchBytes) continue;
    await post(batch, size);
    batch = [];
    size = 0;
  }
  if (size > 0) await post(batch, size);
  parentPort.postMessage({ end: true });
  parentPort.close();
})().catch((error) => {
  parentPort.postMessage({ error });
  parentPort.close();
});
`;
