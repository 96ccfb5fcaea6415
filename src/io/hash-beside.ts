import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';

/** Up to so many bytes are hashed at once in the end: starting a thread takes longer. */
const smallBytes = 4 * 1024 * 1024;
/** Bytes that may wait for the thread; bounds the memory where it gets no processor. */
const maxWaitingBytes = 32 * 1024 * 1024;

/** A sha256 that a thread of its own computes, for documents whose reader is busy. */
export class HashBeside {
  #early: Uint8Array[] = [];
  #bytes = 0;
  #thread: { worker: Worker; done: Int32Array; hex: Promise<string> } | undefined;

  /** Bytes that do not change later. */
  update(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#thread) this.#send(bytes);
    else {
      this.#early.push(bytes);
      if (this.#bytes > smallBytes) this.#start();
    }
  }

  async hex(): Promise<string> {
    if (this.#thread) {
      this.#thread.worker.postMessage(undefined);
      return this.#thread.hex;
    }
    const hash = createHash('sha256');
    for (const bytes of this.#early) hash.update(bytes);
    return hash.digest('hex');
  }

  /** Ends the thread, whatever it does. */
  async close(): Promise<void> {
    await this.#thread?.worker.terminate();
  }

  #start(): void {
    // In KiB, so that documents of any size can be counted.
    const done = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(program, { eval: true, workerData: done });
    const hex = new Promise<string>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the thread that hashes ended early')));
    });
    // It is asked for later, or not at all where reading fails.
    hex.catch(() => undefined);
    this.#thread = { worker, done, hex };
    for (const bytes of this.#early) this.#send(bytes);
    this.#early = [];
  }

  #send(bytes: Uint8Array): void {
    const { worker, done } = this.#thread!;
    const copy = new Uint8Array(bytes);
    worker.postMessage(copy, [copy.buffer]);
    const last = Atomics.load(done, 0);
    if (this.#bytes - last * 1024 > maxWaitingBytes) Atomics.wait(done, 0, last, 1000);
  }
}

// Text and not a file, so that it runs from the sources and from the bundle alike.
const program = `
const { createHash } = require('node:crypto');
const { parentPort, workerData: done } = require('node:worker_threads');
const hash = createHash('sha256');
let read = 0;
parentPort.on('message', (bytes) => {
  if (bytes === undefined) {
    parentPort.postMessage(hash.digest('hex'));
    parentPort.close();
    return;
  }
  hash.update(bytes);
  read += bytes.length;
  Atomics.store(done, 0, Math.floor(read / 1024));
  Atomics.notify(done, 0);
});
`;
