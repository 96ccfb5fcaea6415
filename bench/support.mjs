import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const probe = join(import.meta.dirname, 'rss.mjs');

/**
 * Runs a command several times and gives medians: wall and cpu in seconds, peak resident memory in MB of the command and
 * its children (as wait4 counts them), its exit code. Output is thrown away.
 */
export async function measure(command, args, { runs = 5, env = {}, cwd, warmup = 1 } = {}) {
  const samples = [];
  for (let at = -warmup; at < runs; at++) {
    const sample = await once(command, args, { env, cwd });
    if (at >= 0) samples.push(sample);
  }
  return {
    wall: median(samples.map(({ wall }) => wall)),
    cpu: median(samples.map(({ cpu }) => cpu)),
    rss: median(samples.map(({ rss }) => rss)),
    code: samples[0].code,
  };
}

/** The same for two commands in turn, A B A B, so that a drift of the machine's speed touches both alike. */
export async function measurePair(a, b, { runs = 5, warmup = 1 } = {}) {
  const samples = { a: [], b: [] };
  for (let at = -warmup; at < runs; at++) {
    for (const [name, { command, args, env = {}, cwd }] of Object.entries({ a, b })) {
      const sample = await once(command, args, { env, cwd });
      if (at >= 0) samples[name].push(sample);
    }
  }
  const medians = (list) => ({
    wall: median(list.map(({ wall }) => wall)),
    cpu: median(list.map(({ cpu }) => cpu)),
    rss: median(list.map(({ rss }) => rss)),
    code: list[0].code,
  });
  const ratio = (key) => median(samples.a.map((sample, at) => sample[key] / samples.b[at][key]));
  return { a: medians(samples.a), b: medians(samples.b), wallRatio: ratio('wall'), rssRatio: ratio('rss') };
}

// The command is started by a small process of its own, whose resource usage of children is then the command's alone.
function once(command, args, { env, cwd }) {
  return new Promise((resolve, reject) => {
    const report = join(tmpdir(), `scapfeed-bench-${process.pid}.json`);
    const errors = openSync(`${report}.err`, 'w');
    const child = spawn(process.execPath, [probe, report, command, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', errors],
    });
    child.on('error', reject);
    child.on('close', (code) => {
      closeSync(errors);
      if (code !== 0) return reject(new Error(`${command}: ${readFileSync(`${report}.err`, 'utf8')}`));
      resolve(JSON.parse(readFileSync(report, 'utf8')));
    });
  });
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * One figure of the bench. `ratio` is value/reference from the same run; `target` bounds the ratio (kind `ratio`) or the
 * value itself (kind `absolute`, which is reported but cannot fail a quick run). `atLeast` turns the bound around.
 */
export function figure({ name, value, unit, reference, referenceName, target, kind = 'ratio', atLeast = false, note }) {
  const ratio = reference === undefined ? undefined : value / reference;
  const judged = kind === 'ratio' ? ratio : value;
  const met = target === undefined ? undefined : atLeast ? judged >= target : judged <= target;
  return { name, value, unit, reference, referenceName, ratio, target, kind, atLeast, met, note };
}
