// The program of the second thread that writes OVAL: it receives one platform after the other, until it is ended.
import { on } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorDetails, ScapfeedError } from '../../model/error.ts';
import { type PackedIndex, type SharedDetails, unpackIndex } from './packed-index.ts';
import type { OvalOptions } from './write-oval.ts';
import { type PlatformOval, writePlatform } from './write-platform.ts';

export interface ThreadTask {
  details: SharedDetails;
  directory: string;
  options: OvalOptions;
}

export type Message = { written: PlatformOval } | { failure: ErrorDetails } | { error: unknown };

async function writeSent(packed: PackedIndex, { details, directory, options }: ThreadTask): Promise<Message> {
  try {
    return { written: await writePlatform(unpackIndex(packed, details), directory, options) };
  } catch (error) {
    if (!(error instanceof ScapfeedError)) return { error };
    const { code, message, where, remedy } = error;
    const place = where === undefined ? {} : { where };
    return { failure: { code, message, ...place, ...(remedy === undefined ? {} : { remedy }) } };
  }
}

const port = parentPort!;
port.on('messageerror', (error) => {
  throw error;
});
void answerAll();

/** A function, because a program of the single executable cannot wait while it is loaded. */
async function answerAll(): Promise<void> {
  for await (const [packed] of on(port, 'message')) {
    port.postMessage(await writeSent(packed as PackedIndex, workerData as ThreadTask));
  }
}
