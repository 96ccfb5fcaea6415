import type { Worker } from 'node:worker_threads';
import type {
  BucketLines,
  IndexBeside,
  IndexedFile,
  ScannedInfo,
  WrittenElements,
} from '../../comply/index.ts';
import { startThread } from '../../io/threads.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { IndexAnswer, IndexTask } from './index-thread.ts';

/** So many tasks may wait for the thread, two for each piece; bounds the memory where it gets no processor. */
const mostWaiting = 12;

/** Most of what the thread makes is kept: a larger young heap is only copied more. */
const limits = { maxYoungGenerationSizeMb: 12 };

/** The index of compiled OVAL, made by a thread of its own. */
export class IndexThread implements IndexBeside {
  readonly #worker: Worker;
  #waiting = 0;
  #write: (lines: Uint8Array) => void = () => {};
  #isFinished = false;
  #failure: { error: unknown } | undefined;
  #wake = () => {};

  constructor(file: IndexedFile) {
    const data = { name: file.name, where: file.where };
    this.#worker = startThread('index-thread', import.meta.url, data, limits);
    const fail = (error: unknown) => {
      this.#failure ??= { error };
      this.#wake();
    };
    this.#worker.on('message', (answer: IndexAnswer) => {
      if ('lines' in answer) {
        this.#written(answer.lines, fail);
        return;
      }
      this.#waiting -= 1;
      if ('failure' in answer) fail(new ScapfeedError(answer.failure));
      else this.#isFinished ||= answer.finished === true;
      this.#wake();
    });
    this.#worker.on('messageerror', fail);
    this.#worker.on('error', fail);
    this.#worker.on('exit', (code) => fail(new Error(`the thread that makes the index ended with ${code}`)));
  }

  hash(piece: Uint8Array): void {
    // To hand on a buffer of its own costs nothing, whatever its size; of others only the bytes are handed on.
    const own = piece.byteLength === piece.buffer.byteLength ? piece : Uint8Array.from(piece);
    this.#send({ hash: own }, [own.buffer as ArrayBuffer]);
  }

  add(document: number, written: WrittenElements): void {
    this.#send({ add: written, document }, [written.elements.numbers.buffer as ArrayBuffer]);
  }

  end(document: number, info: ScannedInfo): void {
    this.#send({ end: info, document });
  }

  async room(): Promise<void> {
    await this.#until(() => this.#waiting < mostWaiting);
  }

  async settled(): Promise<void> {
    await this.#until(() => this.#waiting === 0);
  }

  async finish(
    size: number,
    buckets: Iterable<BucketLines | undefined>,
    write: (lines: Uint8Array) => void,
  ): Promise<void> {
    this.#write = write;
    this.#send({ finish: size });
    for (const made of buckets) this.#send({ buckets: made }, made ? [made.lines.buffer as ArrayBuffer] : []);
    await this.#until(() => this.#isFinished);
  }

  #written(lines: Uint8Array, fail: (error: unknown) => void): void {
    if (this.#failure) return;
    try {
      this.#write(lines);
    } catch (error) {
      fail(error);
    }
  }

  /** Ends the thread, whatever it does. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(task: IndexTask, given: readonly ArrayBuffer[] = []): void {
    this.#waiting += 1;
    this.#worker.postMessage(task, given);
  }

  async #until(isReached: () => boolean): Promise<void> {
    while (!this.#failure && !isReached())
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.#failure) throw this.#failure.error;
  }
}
