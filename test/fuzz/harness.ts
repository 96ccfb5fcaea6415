import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compiledOnce } from '../support/cli.ts';

/** Settings of a worker. */
export interface WorkerSettings {
  table: string;
  /** One after the other. */
  targets: readonly Share[];
  seed: number;
  /** Behind the last case of each target. */
  to: number;
  /** Bytes by which the process may grow over what the sound inputs of a target took. */
  maxGrowth: number;
  /** Where it puts what it writes. */
  folder: string;
}

/** The part of a target's cases that is to be run. */
export interface Share {
  target: string;
  from: number;
  /** Milliseconds for cases that are made, without those that are kept and the start. */
  time: number;
}

export type Report =
  | { kind: 'ready' | 'end' }
  | { kind: 'target'; name: string }
  | { kind: 'case'; name: string }
  | { kind: 'finding'; name: string; problem: string; input: string };

export interface Finding {
  target: string;
  /** Number of the case, or `kept NAME`. */
  name: string;
  problem: string;
  input?: Buffer;
}

export interface FuzzSettings {
  /** Module that exports `targets`. */
  table: string;
  seed: number;
  /** First case and the number of them at most. */
  from: number;
  cases: number;
  /** Milliseconds for the made cases of each target, without the start of its workers and the cases that are kept. */
  time: number;
  /** Milliseconds without a word from a worker after which it hangs. */
  deadline: number;
  maxGrowth: number;
}

export interface TargetOutcome {
  cases: number;
  findings: Finding[];
}

const worker = join(import.meta.dirname, 'worker.ts');
/** Starting a worker and reading the sound inputs, on a busy machine. */
const startDeadline = 60_000;
/** More of one target say nothing new. */
const maxFindings = 20;

/** Fuzzes one target. A worker that hangs or dies is a finding of its case; the next one begins behind it. */
export async function fuzzTarget(target: string, settings: FuzzSettings): Promise<TargetOutcome> {
  return (await fuzzTargets([target], settings)).get(target)!;
}

/** Fuzzes several targets in one process: starting one and reading the code takes longer than a short share of the cases. */
export async function fuzzTargets(
  targets: readonly string[],
  settings: FuzzSettings,
): Promise<ReadonlyMap<string, TargetOutcome>> {
  const outcomes = new Map<string, TargetOutcome>(
    targets.map((target) => [target, { cases: 0, findings: [] }]),
  );
  let left: readonly Share[] = targets.map((target) => ({
    target,
    from: settings.from,
    time: settings.time,
  }));
  while (left.length > 0) left = await runWorker(left, settings, outcomes);
  return outcomes;
}

/** One process, until it ends, hangs or dies. Returns what is left to be run. */
async function runWorker(
  targets: readonly Share[],
  { table, seed, cases, deadline, maxGrowth, ...settings }: FuzzSettings,
  outcomes: ReadonlyMap<string, TargetOutcome>,
): Promise<Share[]> {
  // Removed with all that a worker leaves behind, however it ends.
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-fuzz-'));
  const to = settings.from + cases;
  const given: WorkerSettings = { table, targets, seed, to, maxGrowth, folder };
  const args = ['--max-old-space-size=1024', '--expose-gc', worker, JSON.stringify(given)];
  const env = { ...process.env, ...compiledOnce };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  /** The place of the target that is run. */
  let at = 0;
  let ready: number | undefined;
  let current: string | undefined;
  /** Number of the case after which another worker may go on. */
  let last: number | undefined;
  let over = false;
  let errors = '';
  let timer = setTimeout(() => hang(), startDeadline);
  const outcome = () => outcomes.get(targets[at]!.target)!;

  function finding(problem: string, input?: Buffer): void {
    const { target } = targets[at]!;
    outcome().findings.push({ target, name: current ?? 'start', problem, ...(input && { input }) });
  }
  function stop(): void {
    over = true;
    child.kill('SIGKILL');
  }
  function hang(): void {
    finding(`hangs: no result after ${current === undefined ? startDeadline : deadline} ms`);
    stop();
  }
  child.stderr.on('data', (text: Buffer) => {
    errors = (errors + text.toString('utf8')).slice(-4000);
  });
  createInterface(child.stdout).on('line', (line) => {
    if (over) return;
    const report = JSON.parse(line) as Report;
    clearTimeout(timer);
    timer = setTimeout(hang, report.kind === 'target' ? startDeadline : deadline);
    if (report.kind === 'finding') finding(report.problem, Buffer.from(report.input, 'base64'));
    else if (report.kind === 'target') {
      at = targets.findIndex(({ target }) => target === report.name);
      [ready, current, last] = [undefined, undefined, undefined];
    } else if (report.kind === 'end') over = true;
    else if (report.kind === 'ready') ready = Date.now();
    else if (report.kind === 'case') {
      current = report.name;
      if (/^\d+$/.test(report.name)) last = Number(report.name);
      outcome().cases += 1;
      if (outcome().findings.length >= maxFindings) stop();
    }
  });
  const code = await ended(child);
  clearTimeout(timer);
  rmSync(folder, { recursive: true, force: true });
  if (over && code === 0) return [];
  // A worker that was measured as too large has reported that, and ended with 0.
  if (!over && code !== 0) finding(`the process died (${code}): ${errors}`);
  const { target, time } = targets[at]!;
  const share = { target, from: (last ?? to) + 1, time: time - (Date.now() - (ready ?? 0)) };
  const goesOn = share.from < to && share.time > 0 && outcome().findings.length < maxFindings;
  return [...(goesOn ? [share] : []), ...targets.slice(at + 1)];
}

function ended(child: ChildProcess): Promise<number | string | null> {
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
}
