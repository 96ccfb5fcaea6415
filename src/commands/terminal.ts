import { fstatSync, statSync, writeSync } from 'node:fs';
import { ScapfeedError } from '../model/index.ts';

/** Where a command writes: results to out, everything else to err; progress only where a person looks on. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Shows one line in place of the last one; nothing when stderr is no terminal. */
  progress(text: string): void;
  /** Whether results may carry colour. */
  readonly color: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const outFile = 1;
const errFile = 2;

/**
 * The process's own. It writes to the descriptors: merely to name `process.stdout` loads Node's streams, a tenth of
 * the time that Node takes to start, and a write to a pipe would not be done when the process ends.
 */
export function processTerminal(): Terminal {
  const { env } = process;
  const color =
    mayBeTerminal(outFile) && process.stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const live = mayBeTerminal(errFile) && process.stderr.isTTY === true && !env['CI'];
  let shown = false;
  const clear = () => {
    if (shown) writeAll(errFile, '\r\x1b[K');
    shown = false;
  };
  return {
    out(text) {
      clear();
      writeAll(outFile, text);
    },
    err(text) {
      clear();
      writeAll(errFile, text);
    },
    progress(text) {
      if (!live) return;
      clear();
      writeAll(errFile, text.slice(0, (process.stderr.columns ?? 80) - 1));
      shown = true;
    },
    color,
    env,
  };
}

/** False for files, pipes, sockets, a closed descriptor and /dev/null; only the rest is worth a closer look. */
function mayBeTerminal(file: number): boolean {
  try {
    const stat = fstatSync(file);
    return stat.isCharacterDevice() && stat.rdev !== statSync('/dev/null').rdev;
  } catch {
    return false;
  }
}

/** Writes a text to its end. A reader that goes away (`| head`) wants no more of it, which is no error of ours. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(file, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') process.exit(0);
      if (code === 'EAGAIN') waitForReader();
      else if (file === errFile) return;
      else throw notWritable(error);
    }
  }
}

function notWritable(cause: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'OUTPUT_NOT_WRITABLE',
    message: 'the result cannot be written',
    where: 'stdout',
    remedy: 'free space where stdout goes, or name a file with -o FORMAT=FILE',
    cause,
  });
}

/** A pipe whose other end made it non-blocking is full: there is no call to wait for it but sleep. */
function waitForReader(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
}
