// The program of the thread that makes the index of compiled OVAL and hashes the document, until it is ended.
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { BucketLines } from '../../comply/eval/buckets.ts';
import { FileIndex, type IndexedFile } from '../../comply/eval/document-index.ts';
import type { ScannedInfo, WrittenElements } from '../../comply/eval/write-elements.ts';
import { type ErrorDetails, ScapfeedError } from '../../model/error.ts';

export type IndexTask =
  | { add: WrittenElements; document: number }
  | { end: ScannedInfo; document: number }
  | { hash: Uint8Array }
  | { finish: number }
  | { buckets: BucketLines | undefined };

/** After each task `done`, and `finished` after the last one. Lines come as they are made; nothing comes after a failure. */
export type IndexAnswer = { done: true; finished?: true } | { lines: Uint8Array } | { failure: ErrorDetails };

const port = parentPort!;
const index = new FileIndex(workerData as IndexedFile);
const sha256 = createHash('sha256');
let finishing: Generator<number, void, BucketLines | undefined> | undefined;
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
    finishing = index.finish(file, (bytes) => give(new Uint8Array(bytes)), give);
    finishing.next();
  } else if (finishing?.next(task.buckets).done) {
    port.postMessage({ done: true, finished: true } satisfies IndexAnswer);
    return;
  }
  port.postMessage({ done: true } satisfies IndexAnswer);
}

/** At once: the other thread writes them meanwhile, and what waits here would be collected around. */
function give(lines: Uint8Array): void {
  port.postMessage({ lines } satisfies IndexAnswer, [lines.buffer as ArrayBuffer]);
}
