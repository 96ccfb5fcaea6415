import { join } from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Environment } from '../../src/model/environment.ts';

/** Result of a run: the exit code, and what was written to stdout and stderr. */
export interface ThreadResult {
  code: number;
  out: string;
  err: string;
}

/** Milliseconds after which a run that does not end is an error: nothing else could end it. */
const patience = 280_000;

/**
 * The built command in a thread of this process that stays: a start of Node, and of what the command loads, is most of the time of
 * short runs. What needs a process (signals, stdin, Node's own options) has none here.
 */
export class CommandThread {
  readonly #port: MessagePort;
  readonly #ended = new Int32Array(new SharedArrayBuffer(4));
  #isBusy = false;

  /** `cli`: the built command; `compiled`: folder of Node's compile cache. */
  constructor(cli: string, compiled: string) {
    const { port1, port2 } = new MessageChannel();
    const program = join(import.meta.dirname, 'command-thread.mjs');
    const worker = new Worker(program, {
      workerData: { port: port2, ended: this.#ended, cli, compiled },
      transferList: [port2],
      execArgv: [],
    });
    // The tests' process ends when its tests have.
    worker.unref();
    port1.unref();
    this.#port = port1;
  }

  /** A command is at work: it does one at a time. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Waits for the command as for a process. The thread reads files by the working folder of this process. */
  run(args: readonly string[], env: Environment, cwd: string): ThreadResult {
    const before = process.cwd();
    process.chdir(cwd);
    try {
      this.#begin(args, env);
      if (Atomics.wait(this.#ended, 0, 0, patience) === 'timed-out') throw endless(args);
      return this.#result();
    } finally {
      process.chdir(before);
    }
  }

  /** The same, while this process does other work, such as answering the command; its working folder is the command's meanwhile. */
  async runBeside(args: readonly string[], env: Environment, cwd: string): Promise<ThreadResult> {
    const before = process.cwd();
    process.chdir(cwd);
    try {
      this.#begin(args, env);
      if ((await Atomics.waitAsync(this.#ended, 0, 0, patience).value) === 'timed-out') throw endless(args);
      return this.#result();
    } finally {
      process.chdir(before);
    }
  }

  #begin(args: readonly string[], env: Environment): void {
    this.#isBusy = true;
    Atomics.store(this.#ended, 0, 0);
    this.#port.postMessage({ args, env });
  }

  #result(): ThreadResult {
    this.#isBusy = false;
    return (receiveMessageOnPort(this.#port) as { message: ThreadResult }).message;
  }
}

function endless(args: readonly string[]): Error {
  return new Error(`scapfeed ${args.join(' ')} did not end`);
}
