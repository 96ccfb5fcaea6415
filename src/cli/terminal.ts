import { fstatSync, statSync, writeSync } from 'node:fs';
import type { OpenStore } from '../fleet/open-fleet.ts';
import { currentTime } from '../io/clock.ts';
import { outputNotWritable } from '../io/system-reason.ts';
import type { Environment } from '../model/environment.ts';
import type { ScapfeedError } from '../model/error.ts';
import type { Progress } from '../model/progress.ts';
import { folded } from '../report/folded.ts';
import { isPlain, line, printable, withoutCommand } from '../report/printable.ts';
import { StepSpeeds, type StepTime, seconds } from '../tasks/step-speed.ts';
import { failureLines } from './failure.ts';
import { failureEntry, isLogged, type LogChoice, type LogEntry, logLine } from './log.ts';
import { ProgressLine } from './progress-line.ts';
import { type Screen, screenOf } from './screen.ts';

/** The user's program for text that is longer than the screen; undefined: none. */
function pagerOf(env: Environment): string | undefined {
  if (env['NO_PAGER']) return undefined;
  const command = (env['SCAPFEED_PAGER'] ?? env['PAGER'] ?? 'less').trim();
  return command === '' || command === 'cat' ? undefined : command;
}

/** Exit codes of a shell that cannot start a command. */
const notStarted = [126, 127];

/**
 * Shows a text in the user's pager and waits until it ends; false if there is none. A pager that the user leaves early, or that
 * fails, counts as shown.
 */
function showByPager(text: string, env: Environment): boolean {
  const pager = pagerOf(env);
  if (pager === undefined) return false;
  // Loaded by the few runs that need it: a scan's start is too short for it.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  // Ctrl-C is for the pager, which stays.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const { status, error } = spawnSync('/bin/sh', ['-c', pager], {
    input: text,
    stdio: ['pipe', 'inherit', 'inherit'],
    // As git does: colours pass, a text that fits on the screen ends the pager, and the text stays there after it.
    env: { ...env, LESS: env['LESS'] ?? 'FRX', LV: env['LV'] ?? '-c' },
  });
  process.off('SIGINT', ignore);
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined || code === 'EPIPE' ? !notStarted.includes(status ?? 0) : false;
}

/** Where a command writes: results to out and document, all else to stderr. */
export interface Terminal extends Pick<Screen, 'color' | 'links' | 'columns'> {
  /** Text for a person. Control characters are shown as codes, except for our own colours and links. */
  out(text: string): void;
  /** The same through the user's pager, if a person is watching and it is longer than the screen. Default: `out`. */
  page?(text: string): void;
  /** A result for a program, written byte for byte. */
  document(text: string): void;
  /** A warning, in one line: line breaks in the text are shown as codes. */
  err(text: string): void;
  /** Something that went well, in one line; `--quiet` leaves it out. */
  note(text: string): void;
  /** An error: what, where, what to do next; of several targets, the one that it is about. */
  failure(error: unknown, target?: string): void;
  /** A step of the command: the last line of a terminal shows it; without one, a long command writes a line for each. */
  readonly progress: Progress;
  /** The measured use of time and memory up to now. */
  measure(): RunMeasure;
  /** Opens the store of a fleet. Default: `openDatabase`; a process that runs many commands can keep one open. */
  readonly openStore?: OpenStore;
  readonly env: Environment;
}

/** Measured use of resources; it differs between runs of the same work. */
export interface RunMeasure {
  seconds: number;
  /** Of this process, in bytes. */
  peakMemory: number;
  steps: readonly StepTime[];
}

/** Choices about messages by options of all commands. */
export interface MessageChoice extends LogChoice {
  /** Steps are logged where no terminal shows them. */
  logsSteps: boolean;
}

/** The terminal of this process, whose messages are plain until the command line is read. */
export interface ProcessTerminal extends Terminal {
  choose(choice: MessageChoice): void;
}

const outFile = 1;
const errFile = 2;

/** Milliseconds between two lines of a log about a step's progress. */
const logPace = 10_000;

/**
 * The terminal of this process. It writes to the file descriptors: using `process.stdout` loads Node's streams, which takes
 * a tenth of Node's start, and writes to a pipe would not be complete when the process exits.
 */
export function processTerminal(): ProcessTerminal {
  const { env } = process;
  const isTerminal = mayBeTerminal(outFile) && process.stdout.isTTY === true;
  const screen = screenOf(env, isTerminal ? process.stdout : undefined);
  const styled = screen.color || screen.links;
  const isWatched = mayBeTerminal(errFile) && process.stderr.isTTY === true && canMove(env);
  const results = openOutput(outFile);
  const messages = openOutput(errFile);
  const steps = new StepSpeeds();
  let choice: MessageChoice = { least: 'info', logsSteps: false };
  let shown: ProgressLine | undefined;
  let current = '';
  let logged = 0;
  const clear = () => shown?.clear();
  const lines = (text: string) => {
    const shown = isPlain(text)
      ? text
      : text
          .split('\n')
          .map(styled ? styledLine : plainLine)
          .join('\n');
    return screen.columns === undefined ? shown : folded(shown, screen.columns);
  };
  const say = (entry: LogEntry, plain: readonly string[] = [entry.message]) => {
    if (!isLogged(choice, entry.level)) return;
    clear();
    const texts = choice.form === undefined ? plain : [logLine(choice.form, currentTime(), entry)];
    // Within JSON, what `line` escapes is escaped as JSON does.
    messages(texts.map(line).join(''));
  };
  const draw = (time: number, mayWait: boolean) => {
    if (!shown) {
      shown = new ProgressLine(messages, () => process.stderr.columns ?? usualWidth);
      process.stderr.on('resize', () => current !== '' && draw(now(), false));
    }
    const state = steps.state(current, time);
    shown.show(printable(state === '' ? current : `${current}  ${state}`), time, mayWait);
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
    err: (text) => say({ level: 'warn', message: text.replace(/\n$/, '') }),
    note: (text) => say({ level: 'info', message: text }),
    failure: (error, target) => say(failureEntry(error, target), failureLines(error, target)),
    progress(step, amount) {
      const time = now();
      const isNew = steps.hear(step, amount, time);
      if (isWatched && choice.form === undefined && isLogged(choice, 'info')) {
        const isSame = step === current;
        current = step;
        draw(time, isSame);
        return;
      }
      if (!choice.logsSteps) return;
      if (isNew) say({ level: 'info', message: step });
      else if (amount && time - logged > logPace) {
        logged = time;
        say({ level: 'debug', message: `${step}  ${steps.state(step, time)}`, fields: { ...amount } });
      }
    },
    measure() {
      const time = now();
      return {
        seconds: seconds(time),
        peakMemory: process.resourceUsage().maxRSS * 1024,
        steps: steps.times(time),
      };
    },
    choose(chosen) {
      choice = chosen;
    },
    ...screen,
    env,
  };
}

const usualWidth = 80;

/** Milliseconds of this process. Node loads eleven files for `performance`, which takes 1 ms. */
function now(): number {
  return process.uptime() * 1000;
}

/** Whether the terminal behind stderr can go back to the beginning of a line, and somebody may watch it. */
function canMove(env: Environment): boolean {
  return !env['CI'] && env['TERM'] !== 'dumb';
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
    remedy: 'free space where stdout goes, or write to a file with -o FORMAT=FILE',
    cause,
  });
}

/** The pipe is full and non-blocking, and Node has no synchronous call to wait for it: sleep. */
function waitForReader(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
}
