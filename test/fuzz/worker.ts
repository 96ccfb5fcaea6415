// Runs the cases of targets in a process of their own, which may hang or die: `harness.ts` watches it.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { ScapfeedError } from '../../src/model/error.ts';
import { seededRandom } from '../support/mutate-json.ts';
import type { Report, Share, WorkerSettings } from './harness.ts';
import type { Table } from './target.ts';

const settings = JSON.parse(process.argv[2]!) as WorkerSettings;
process.env['TMPDIR'] = settings.folder;
const { targets } = (await import(settings.table)) as { targets: Table };
const pause = new Int32Array(new SharedArrayBuffer(4));
/** Not maxRSS of resourceUsage(): a process begins with that of the one that started it, which may be large. */
const peak = () => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))![1]) * 1024;

/** Bytes of the process, from which on its peak is measured anew: what another target took is given back first. */
function newPeak(): number {
  globalThis.gc!();
  writeFileSync('/proc/self/clear_refs', '5');
  return peak();
}

function report(entry: Report): void {
  // Written at once: the next line of code may be the last. A pipe may be full until the other side has read.
  for (let rest = Buffer.from(`${JSON.stringify(entry)}\n`); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

async function runTarget({ target: called, from, time }: Share): Promise<void> {
  report({ kind: 'target', name: called });
  const target = (await targets[called]!()).find(({ name }) => name === called)!;
  const seeds = await target.seeds();
  const names = Object.keys(seeds);
  if (names.length === 0) throw new Error(`${called} has no seeds`);
  const sound = new Map<string, string>();
  for (const name of names) {
    const result = await target.run(seeds[name]!);
    if (result === undefined) throw new Error(`${called}: the sound input ${name} is refused`);
    sound.set(name, result);
  }
  const before = newPeak();
  report({ kind: 'ready' });

  async function attempt(input: Buffer, seed: string): Promise<string | undefined> {
    try {
      const found = await target.run(input);
      return found === undefined ? undefined : target.judge?.(found, sound.get(seed) ?? '');
    } catch (error) {
      if (error instanceof ScapfeedError && error.code !== 'INTERNAL') return undefined;
      return `internal error: ${error instanceof Error ? error.stack : String(error)}`;
    }
  }

  async function runCase(name: string, input: Buffer, seed: string): Promise<void> {
    report({ kind: 'case', name });
    const problem = await attempt(input, seed);
    const grown = peak() - before;
    const heavy = grown > settings.maxGrowth ? `memory grew by ${Math.round(grown / 2 ** 20)} MB` : undefined;
    if (problem ?? heavy) {
      report({ kind: 'finding', name, problem: (problem ?? heavy)!, input: input.toString('base64') });
    }
    // Memory, once taken, is not given back: the next measurement needs a new process.
    if (heavy) process.exit(0);
  }

  function inputOf(at: number): { input: Buffer; seed: string } {
    const digest = createHash('sha256').update(`${settings.seed} ${called} ${at}`).digest();
    const random = seededRandom(digest.readUInt32LE(0));
    const seed = names[random(names.length)]!;
    return { input: target.mutate(seeds[seed]!, random), seed };
  }

  if (from === 0) {
    for (const [name, make] of Object.entries(target.kept ?? {})) {
      await runCase(`kept ${name}`, make(seeds), names[0]!);
    }
  }
  const end = Date.now() + time;
  for (let at = from; at < settings.to && Date.now() < end; at += 1) {
    const { input, seed } = inputOf(at);
    await runCase(String(at), input, seed);
  }
}

for (const share of settings.targets) await runTarget(share);
report({ kind: 'end' });
process.exit(0);
