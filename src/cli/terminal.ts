import { fstatSync, statSync, writeSync } from 'node:fs';
import { outputNotWritable } from '../io/disk-refusal.ts';
import type { Environment, ScapfeedError } from '../model/index.ts';
import { folded } from '../report/folded.ts';
import { line, printable, withoutCommand } from '../report/printable.ts';
import { showByPager } from './pager.ts';
import { type Screen, screenOf } from './screen.ts';

/** Where a command writes: results to out and document, all else to err, progress only if a person is watching. */
export interface Terminal extends Pick<Screen, 'color' | 'links' | 'columns'> {
  /** Text for a person. Control characters are shown as codes, except for our own colours and links. */
  out(text: string): void;
  /** The same through the user's pager, if a person is watching and it is longer than the screen. Default: `out`. */
  page?(text: string): void;
  /** A result for a program, written byte for byte. */
  document(text: string): void;
  /** One line: line breaks in the text are shown as codes. */
  err(text: string): void;
  /** Replaces the last line of progress; does nothing if stderr is no terminal. */
  progress(text: string): void;
  readonly env: Environment;
}

const outFile = 1;
const errFile = 2;

/**
 * The terminal of this process. It writes to the file descriptors: using `process.stdout` loads Node's streams, which takes
 * a tenth of Node's start, and writes to a pipe would not be complete when the process exits.
 */
export function processTerminal(): Terminal {
  const { env } = process;
  const isTerminal = mayBeTerminal(outFile) && process.stdout.isTTY === true;
  const screen = screenOf(env, isTerminal ? process.stdout : undefined);
  const styled = screen.color || screen.links;
  const live = mayBeTerminal(errFile) && process.stderr.isTTY === true && !env['CI'];
  const results = openOutput(outFile);
  const messages = openOutput(errFile);
  let shown = false;
  const clear = () => {
    if (shown) messages('\r\x1b[K');
    shown = false;
  };
  const lines = (text: string) => {
    const shown = text
      .split('\n')
      .map(styled ? styledLine : plainLine)
      .join('\n');
    return screen.columns === undefined ? shown : folded(shown, screen.columns);
  };
  return {
    out(text) {
      clear();
      results(lines(text));
    },
    page(text) {
      clear();
      const shown = lines(text);
      const isLong = screen.rows !== undefined && shown.split('\n').length > screen.rows;
      if (!isLong || !showByPager(withoutLinks(shown, env), env)) results(shown);
    },
    document(text) {
      clear();
      results(text);
    },
    err(text) {
      clear();
      messages(line(text.replace(/\n$/, '')));
    },
    progress(text) {
      if (!live) return;
      clear();
      messages(printable(text).slice(0, (process.stderr.columns ?? 80) - 1));
      shown = true;
    },
    ...screen,
    env,
  };
}

/** False for files, pipes, sockets, a closed descriptor and /dev/null, which need no closer look. */
function mayBeTerminal(file: number): boolean {
  try {
    const stat = fstatSync(file);
    return stat.isCharacterDevice() && stat.rdev !== statSync('/dev/null').rdev;
  } catch {
    return false;
  }
}

function plainLine(text: string): string {
  return withoutCommand(printable(text));
}

/** Colours and links that reports give to their own words (report/styled.ts). */
const styles = /(\x1b\[\d+m|\x1b\]8;;(?:https:[!-~]*)?\x1b\\)/;

function styledLine(text: string): string {
  return text
    .split(styles)
    .map((part, at) => (at % 2 === 1 ? part : plainLine(part)))
    .join('');
}

/** Few pagers know links: older ones show their codes. */
function withoutLinks(text: string, env: Environment): string {
  return env['FORCE_HYPERLINK'] ? text : text.replace(/\x1b\]8;;[!-~]*?\x1b\\/g, '');
}

/**
 * Writes texts completely. A reader that went away (`| head`) is not an error and does not change the exit code.
 */
function openOutput(file: number): (text: string) => void {
  let isRead = true;
  return (text) => {
    const bytes = Buffer.from(text);
    for (let done = 0; isRead && done < bytes.length; ) {
      try {
        done += writeSync(file, bytes, done);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') waitForReader();
        else if (code === 'EPIPE' || file === errFile) isRead = false;
        else throw notWritable(error);
      }
    }
  };
}

function notWritable(cause: unknown): ScapfeedError {
  return outputNotWritable({
    message: 'the result cannot be written',
    where: 'stdout',
    remedy: 'free space where stdout goes, or name a file with -o FORMAT=FILE',
    cause,
  });
}

/** The pipe is full and non-blocking, and Node has no synchronous call to wait for it: sleep. */
function waitForReader(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
}
