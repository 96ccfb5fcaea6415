import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { isExecutable, readEmbedded } from './embedded.ts';

/** Starts the thread whose program lies beside the module at `from` (its import.meta.url), or is embedded under its name. */
export function startThread(name: string, from: string, workerData: unknown): Worker {
  if (!isExecutable) return new Worker(new URL(`./${name}${extname(from)}`, from), { workerData });
  return new Worker(programText(`threads/${name}.cjs`), { eval: true, workerData });
}

/** The program of an npm package, for a thread that loads it by itself: its file, or its text where it is embedded. */
export function packageProgram(name: string, from: string): { file: string } | { text: string } {
  if (!isExecutable) return { file: createRequire(from).resolve(name) };
  return { text: programText(`threads/${name}.cjs`) };
}

/** One byte a character: scripts/package refuses characters beyond ASCII. */
function programText(path: string): string {
  return readEmbedded(path)!.toString('latin1');
}
