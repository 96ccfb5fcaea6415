import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { isExecutable, readEmbedded } from './embedded.ts';

/**
 * Starts the thread whose program lies beside the module at `from` (its import.meta.url, which a part of the bundle in CommonJS
 * has not got), or is embedded under its name.
 */
export function startThread(
  name: string,
  from: string | undefined,
  workerData: unknown,
  resourceLimits: ResourceLimits = {},
): Worker {
  if (isExecutable())
    return new Worker(programText(`threads/${name}.cjs`), { eval: true, workerData, resourceLimits });
  const file =
    from === undefined ? join(__dirname, `${name}.cjs`) : new URL(`./${name}${extname(from)}`, from);
  return new Worker(file, { workerData, resourceLimits });
}

/** The program of an npm package, for a thread that loads it by itself: its file, or its text where it is embedded. */
export function packageProgram(name: string, from: string): { file: string } | { text: string } {
  if (!isExecutable()) return { file: createRequire(from).resolve(name) };
  return { text: programText(`threads/${name}.cjs`) };
}

/** One byte a character: scripts/package refuses characters beyond ASCII. */
function programText(path: string): string {
  return readEmbedded(path)!.toString('latin1');
}
