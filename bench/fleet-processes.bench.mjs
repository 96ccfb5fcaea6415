import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { hasPostgres, startPostgres } from '../test/support/postgres.ts';
import { newShare } from './processor-share.mjs';
import { processorTime, serverPid, serverShares } from './processor-time.mjs';
import { keep, packagesPerImage, repeat, sentIn } from './simulated-fleet.mjs';
import { figure } from './support.mjs';
import { buildVendorFeed, vendorInventories } from './vendor-fleet.mjs';

/** Of one processor, what each process gets that stands for another machine: two of them and the database fit on two processors. */
const share = 0.35;

/**
 * What the processes of a fleet on a server do: the built command with a worker beside it against the command alone, on the
 * database's processors and as if they were on machines of their own, and the memory of each.
 */
export async function run({ quick }) {
  if (!hasPostgres()) return [];
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-fleet-'));
  const postgres = await startPostgres();
  try {
    const count = Number(process.env.SCAPFEED_FLEET ?? (quick ? 60 : 10_000));
    const feed = await buildVendorFeed(folder, quick);
    const kept = await postgres.newDatabase();
    const some = Math.min(count, sentIn);
    await keep(kept, some, vendorInventories(feed, packagesPerImage));
    if (count > some) await repeat(kept, count / some);
    const rounds = async (limit) => {
      const done = [];
      for (let at = 0; at < (quick ? 1 : 3); at++) {
        const alone = await judging(await clone(postgres, kept), feed, { limit });
        const both = await judging(await clone(postgres, kept), feed, { hasWorker: true, limit });
        done.push({ alone, both, ratio: alone.seconds / both.seconds });
      }
      return done;
    };
    const name = (what) => `PostgreSQL, ${count} inventories, ${what}`;
    return [...figuresOf(await rounds(), name), ...(await apart(kept, rounds, name))];
  } finally {
    postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same with little of a processor for each process, and as much as it wants for the database: as if they were on other machines. */
async function apart(place, rounds, name) {
  const what = name(`the same, each process with ${share} of a processor as if on another machine`);
  const ofServer = newShare();
  if (!ofServer) {
    console.error(`left out, because no cgroup can be made: ${what}`);
    return [];
  }
  try {
    // Its sessions to come are in it too.
    ofServer.take(serverPid(place));
    return [scaling(what, await rounds(share), { target: 1.7, atLeast: true })];
  } finally {
    ofServer.end();
  }
}

function middleOf(rounds) {
  return [...rounds].sort((a, b) => a.ratio - b.ratio)[rounds.length >> 1];
}

function scaling(name, rounds, target) {
  return figure({
    name,
    ...{ value: middleOf(rounds).ratio, unit: '', kind: 'absolute', ...target },
    note: rounds
      .map(({ alone, both }) => `${alone.seconds.toFixed(1)}/${both.seconds.toFixed(1)} s`)
      .join(', '),
  });
}

function figuresOf(rounds, name) {
  const memory = Math.max(...rounds.flatMap(({ alone, both }) => [alone.memory, both.memory, both.worker]));
  const middle = middleOf(rounds);
  return [
    scaling(name('speed of judging with a worker, beside that of a run alone'), rounds),
    figure({
      // All of the work is the same with one and with two; the database is on the same processors.
      name: name(`and what ${cores} processors allow`),
      ...{ value: (cores * middle.alone.seconds) / total(middle.both), unit: '', kind: 'absolute' },
      note: `processor seconds of run, worker, sessions, database itself: ${shares(middle.alone)} alone; ${shares(middle.both)} with the worker`,
    }),
    figure({
      name: name('memory of a process of the first judging'),
      ...{ value: memory, unit: 'MB', target: 300, kind: 'absolute' },
    }),
  ];
}

const cores = availableParallelism();

function total({ times }) {
  return times.reduce((sum, each) => sum + each, 0);
}

function shares({ times }) {
  return times.map((each) => each.toFixed(1)).join(', ');
}

/** A copy of a database that nobody uses now. */
async function clone(postgres, from) {
  const to = await postgres.newDatabase();
  const [source, target] = [from, to].map((place) => new URL(place).pathname.slice(1));
  const admin = new URL(from);
  admin.pathname = '/postgres';
  await query(admin.href, `DROP DATABASE ${target}`);
  await query(admin.href, `CREATE DATABASE ${target} TEMPLATE ${source}`);
  return to;
}

async function query(place, statement) {
  const client = new pg.Client({ connectionString: place });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/**
 * The first judging by the built command: seconds from its first job to the end of its last one, processor time of that in seconds,
 * and peak memory in MB. `limit`: the share of a processor that each process gets.
 */
async function judging(place, feed, { hasWorker, limit }) {
  const worker = hasWorker ? start(place, 'worker', feed, { limit }) : undefined;
  await worker?.isReady;
  const run = start(place, 'run', feed, { limit, more: ['--max-age', '0'] });
  const samples = [];
  const sample = () => {
    const { sessions, itself } = serverShares(place);
    samples.push({ at: Date.now(), times: [run.cpu(), worker?.cpu() ?? 0, sessions, itself] });
  };
  const sampling = setInterval(sample, 200);
  await run.ended;
  clearInterval(sampling);
  sample();
  worker?.end();
  await worker?.ended;
  const [{ begun, ended }] = await query(
    place,
    `SELECT 1000 * extract(epoch FROM min(started_on))::float AS begun, 1000 * extract(epoch FROM max(completed_on))::float AS ended
     FROM fleet_queue.job WHERE name = 'judge'`,
  );
  const before = samples.findLast(({ at }) => at <= begun) ?? samples[0];
  const after = samples.find(({ at }) => at >= ended) ?? samples.at(-1);
  return {
    seconds: (ended - begun) / 1000,
    times: after.times.map((time, at) => time - before.times[at]),
    ...{ memory: run.memory(), worker: worker?.memory() ?? 0 },
  };
}

function start(place, name, feed, { limit, more = [] }) {
  const args = ['dist/cli.cjs', 'fleet', name, '--database', place, '--feed', feed, ...more];
  const group = limit && newShare(limit);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  group?.take(child.pid);
  child.stderr.pipe(process.stderr, { end: false });
  // A worker says that it looks for jobs.
  const isReady = once(child.stderr, 'data');
  let [memory, time] = [0, 0];
  const cpu = () => {
    time = processorTime(child.pid) ?? time;
    return time;
  };
  const look = setInterval(() => {
    const [, kilobytes = 0] = /VmHWM:\s+(\d+)/.exec(statusOf(child.pid)) ?? [];
    memory = Math.max(memory, Number(kilobytes) / 1024);
  }, 200);
  const ended = once(child, 'exit').then(() => {
    clearInterval(look);
    group?.end();
  });
  return { isReady, ended, end: () => child.kill('SIGTERM'), memory: () => memory, cpu };
}

/** Empty: the process has ended. */
function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
