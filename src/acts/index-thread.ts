// The program of the thread that makes the index of compiled OVAL and hashes the document, until it is ended.
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { BucketLines } from '../comply/eval/buckets.ts';
import { FileIndex, type IndexedFile } from '../comply/eval/document-index.ts';
import type { ScannedInfo, WrittenElements } from '../comply/eval/write-elements.ts';
import { type ErrorDetails, ScapfeedError } from '../model/index.ts';

export type IndexTask =
  | { add: WrittenElements; document: number }
  | { end: ScannedInfo; document: number }
  | { hash: Uint8Array }
  | { finish: number }
  | { buckets: BucketLines };

/** After each task `done`; after the buckets of the last document the lines. Nothing comes after a failure. */
export type IndexAnswer = { done: true } | { lines: Uint8Array[] } | { failure: ErrorDetails };

const port = parentPort!;
const index = new FileIndex(workerData as IndexedFile);
const sha256 = createHash('sha256');
const lines: Uint8Array[] = [];
let finishing: Generator<number, void, BucketLines> | undefined;
let hasFailed = false;

port.on('message', (task: IndexTask) => {
  if (hasFailed) return;
  try {
    take(task);
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    hasFailed = true;
    const { code, message, where, remedy } = error;
    const failure = { code, message, ...(where && { where }), ...(remedy && { remedy }) };
    port.postMessage({ failure } satisfies IndexAnswer);
  }
});

function take(task: IndexTask): void {
  if ('hash' in task) sha256.update(task.hash);
  else if ('add' in task) index.add(task.document, task.add);
  else if ('end' in task) index.end(task.document, task.end);
  else if ('finish' in task) {
    const file = { sha256: sha256.digest('hex'), size: task.finish };
    finishing = index.finish(file, (bytes) => lines.push(new Uint8Array(bytes)));
    finishing.next();
  } else if (finishing?.next(task.buckets).done) {
    const bytes = lines.map(({ buffer }) => buffer as ArrayBuffer);
    port.postMessage({ lines } satisfies IndexAnswer, bytes);
    return;
  }
  port.postMessage({ done: true } satisfies IndexAnswer);
}
