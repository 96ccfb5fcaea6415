import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compiledOnce } from '../support/cli.ts';

/** What a worker is started with; cases from `from` to before `to`. */
export interface WorkerSettings {
  table: string;
  target: string;
  seed: number;
  from: number;
  to: number;
  /** Bytes by which the process may grow over what the sound inputs took. */
  maxGrowth: number;
  /** Where it puts what it writes. */
  folder: string;
}

export type Report =
  | { kind: 'ready' | 'end' }
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
  /** Milliseconds for the cases of each target, without the start of its workers. */
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
  const outcome: TargetOutcome = { cases: 0, findings: [] };
  let left = settings.time;
  let from = settings.from;
  while (from < settings.from + settings.cases && left > 0) {
    const run = await runWorker(target, settings, from, left);
    outcome.cases += run.cases;
    outcome.findings.push(...run.findings);
    if (run.last === undefined || outcome.findings.length >= maxFindings) break;
    from = run.last + 1;
    left -= run.spent;
  }
  return outcome;
}

interface Run extends TargetOutcome {
  /** Number of the case after which another worker may go on. */
  last: number | undefined;
  /** Milliseconds since the worker was ready. */
  spent: number;
}

/** One process, until it ends, hangs or runs out of time. */
function runWorker(
  target: string,
  { table, seed, cases, deadline, maxGrowth, ...settings }: FuzzSettings,
  from: number,
  time: number,
): Promise<Run> {
  // What a worker leaves behind goes with it, however it ends.
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-fuzz-'));
  const given: WorkerSettings = { table, target, seed, from, to: settings.from + cases, maxGrowth, folder };
  const args = ['--max-old-space-size=1024', worker, JSON.stringify(given)];
  const env = { ...process.env, ...compiledOnce };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const outcome: Run = { cases: 0, findings: [], last: undefined, spent: 0 };
  let ready = 0;
  let current: string | undefined;
  let over = false;
  let errors = '';
  let timer = setTimeout(() => hang(), startDeadline);

  function finding(problem: string, input?: Buffer): void {
    outcome.findings.push({ target, name: current ?? 'start', problem, ...(input && { input }) });
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
    timer = setTimeout(hang, deadline);
    if (report.kind === 'finding') finding(report.problem, Buffer.from(report.input, 'base64'));
    else if (report.kind === 'end') over = true;
    else if (report.kind === 'ready') ready = Date.now();
    else if (report.kind === 'case') {
      current = report.name;
      outcome.cases += 1;
      if (/^\d+$/.test(report.name)) outcome.last = Number(report.name);
      if (Date.now() > ready + time || outcome.findings.length >= maxFindings) stop();
    }
  });
  return ended(child).then((code) => {
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true });
    outcome.spent = ready === 0 ? 0 : Date.now() - ready;
    // A worker that was measured as too large has told so, and ended with 0.
    if (!over && code !== 0) finding(`the process died (${code}): ${errors}`);
    return outcome;
  });
}

function ended(child: ChildProcess): Promise<number | string | null> {
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
}
