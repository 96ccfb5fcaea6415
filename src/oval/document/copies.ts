import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { settled } from '../../io/at-once.ts';
import { childEnvironment } from '../../io/child-environment.ts';
import { ScapfeedError } from '../../model/error.ts';
import { notWritable } from './section.ts';

/** Compression formats for downloads; oscap itself reads `.bz2`. */
export const copyFormats = ['gz', 'bz2', 'zst'] as const;
export type CopyFormat = (typeof copyFormats)[number];

/**
 * Writes `FILE.gz`, `FILE.bz2` or `FILE.zst` beside a file, the same bytes for the same content. Node has gzip alone;
 * the others are made by the commands bzip2 and zstd.
 * @throws {ScapfeedError} OUTPUT_NOT_WRITABLE; USAGE when the command is not there
 */
export async function writeCopy(path: string, format: CopyFormat): Promise<string> {
  const copy = `${path}.${format}`;
  const pending = `${copy}.partial`;
  try {
    // Opened before anything can fail: a stream that opens its file later would leave it behind.
    const file = await open(pending, 'w');
    try {
      const compressor = format === 'gz' ? gzip() : command(format);
      // The command's error first: if it is missing, the streams fail because of that.
      await settled([
        compressor.done,
        pipeline(createReadStream(path), compressor.input, { end: true }),
        pipeline(compressor.output, file.createWriteStream()),
      ]);
    } finally {
      await file.close().catch(() => undefined);
    }
    await rename(pending, copy);
    return copy;
  } catch (cause) {
    await rm(pending, { force: true });
    throw cause instanceof ScapfeedError ? cause : notWritable(copy, cause);
  }
}

interface Compressor {
  input: NodeJS.WritableStream;
  output: NodeJS.ReadableStream;
  done: Promise<void>;
}

function gzip(): Compressor {
  const stream: Duplex = createGzip({ level: constants.Z_BEST_COMPRESSION });
  return { input: stream, output: stream, done: Promise.resolve() };
}

const commands = { bz2: ['bzip2', '-9', '-c'], zst: ['zstd', '-19', '-q', '-c'] } as const;

function command(format: 'bz2' | 'zst'): Compressor {
  const [name, ...args] = commands[format];
  const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'inherit'], env: childEnvironment() });
  const done = new Promise<void>((resolve, reject) => {
    child.on('error', (cause) => reject(missingCommand(name, cause)));
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}`))));
  });
  return { input: child.stdin, output: child.stdout, done };
}

function missingCommand(name: string, cause: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message: `could not run ${name}`,
    remedy: `Install ${name}, or ask for another form of copy.`,
    cause,
  });
}
