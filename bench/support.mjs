import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs a command several times and gives medians: wall and cpu in seconds, peak resident memory in MB of the command and
 * its children (as wait4 counts them), its exit code. Output is thrown away.
 */
export async function measure(command, args, { runs = 5, env = {}, cwd, warmup = 1 } = {}) {
  const samples = await quietest(async () => {
    const made = [];
    for (let at = -warmup; at < runs; at++) {
      const sample = await once(command, args, { env, cwd });
      if (at >= 0) made.push(sample);
    }
    return made;
  });
  return {
    errors: samples[0].errors,
    wall: median(samples.map(({ wall }) => wall)),
    cpu: median(samples.map(({ cpu }) => cpu)),
    rss: median(samples.map(({ rss }) => rss)),
    code: samples[0].code,
  };
}

/**
 * The same for two commands in turn, A B A B, so that a drift of the machine's speed touches both alike. `before`: what is done before
 * each run of the command and not measured.
 */
export async function measurePair(a, b, { runs = 5, warmup = 1 } = {}) {
  const samples = await quietest(async () => {
    const made = { a: [], b: [] };
    for (let at = -warmup; at < runs; at++) {
      for (const [name, { command, args, env = {}, cwd, before }] of Object.entries({ a, b })) {
        before?.();
        const sample = await once(command, args, { env, cwd });
        if (at >= 0) made[name].push(sample);
      }
    }
    return made;
  });
  const medians = (list) => ({
    wall: median(list.map(({ wall }) => wall)),
    cpu: median(list.map(({ cpu }) => cpu)),
    rss: median(list.map(({ rss }) => rss)),
    code: list[0].code,
  });
  const ratio = (key) => median(samples.a.map((sample, at) => sample[key] / samples.b[at][key]));
  return { a: medians(samples.a), b: medians(samples.b), wallRatio: ratio('wall'), rssRatio: ratio('rss') };
}

/** Processors that others kept busy during the last measurement. */
let others = 0;

/** Measures again, at most twice, while others keep more than one processor busy; the quietest counts. Long ones are not repeated. */
async function quietest(make) {
  let best;
  for (let tries = 0; tries < 3; tries++) {
    const before = busyTimes();
    const samples = await make();
    const after = busyTimes();
    const seconds = after.now - before.now;
    const busy = Math.max(0, after.all - before.all - (after.own - before.own)) / seconds;
    if (best === undefined || busy < best.busy) best = { samples, busy };
    if (best.busy <= 1 || seconds > 15) break;
  }
  others = best.busy;
  return best.samples;
}

/** Processor seconds since the start: of the machine, and of this process and its children that ended. Ticks are hundredths. */
function busyTimes() {
  const [user, nice, system, , , irq, soft] = readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]
    .match(/\d+/g)
    .map(Number);
  const own = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11, 15)
    .map(Number);
  const sum = (ticks) => ticks.reduce((total, each) => total + each, 0) / 100;
  return { now: performance.now() / 1000, all: sum([user, nice, system, irq, soft]), own: sum(own) };
}

// GNU time reports what wait4 counts; its own clock is too coarse, so the wall time is ours, with what starting `time` costs.
function once(command, args, { env, cwd }) {
  return new Promise((resolve, reject) => {
    const report = join(tmpdir(), `scapfeed-bench-${process.pid}.time`);
    const start = process.hrtime.bigint();
    const child = spawn('/usr/bin/time', ['-o', report, '-f', '%U %S %M %x', command, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (text) => {
      errors = (errors + text).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const wall = Number(process.hrtime.bigint() - start) / 1e9;
      const fields = readFileSync(report, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
      if (fields.length !== 4) return reject(new Error(`${command} could not be measured: ${errors}`));
      resolve({ wall, cpu: fields[0] + fields[1], rss: fields[2] / 1024, code, errors });
    });
  });
}

/**
 * The two bounds of every scan: its time beside Node's own start, and its memory. `args` are those of node. Node 22 starts in
 * 21 ms, with NODE_EXTRA_CA_CERTS too; a scan has about as long again.
 */
export async function besideNode(what, args, runs) {
  const pair = await measurePair({ command: 'node', args }, { command: 'node', args: ['-e', '0'] }, { runs });
  if (pair.a.code !== 0) throw new Error(`${what} ended with ${pair.a.code}`);
  return [
    figure({
      name: what,
      value: pair.a.wall * 1000,
      unit: 'ms',
      reference: (pair.a.wall * 1000) / pair.wallRatio,
      referenceName: 'node -e 0',
      target: 2.2,
    }),
    figure({
      name: `${what}, peak memory`,
      value: pair.a.rss,
      unit: 'MB',
      reference: pair.b.rss,
      referenceName: 'node -e 0',
      target: 60,
      kind: 'absolute',
    }),
  ];
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * One figure of the bench. `ratio` is value/reference from the same run; `target` bounds the ratio (kind `ratio`) or the
 * value itself (kind `absolute`, which is reported but cannot fail a quick run). `atLeast` turns the bound around. `others`: the
 * processors that other work kept busy while it was measured.
 */
export function figure({
  name,
  value,
  unit,
  reference,
  referenceName,
  target,
  kind = 'ratio',
  atLeast = false,
  note,
}) {
  const ratio = reference === undefined ? undefined : value / reference;
  const judged = kind === 'ratio' ? ratio : value;
  const met = target === undefined ? undefined : atLeast ? judged >= target : judged <= target;
  return { name, value, unit, reference, referenceName, ratio, target, kind, atLeast, met, note, others };
}
