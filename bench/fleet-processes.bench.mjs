import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { hasPostgres, startPostgres } from '../test/support/postgres.ts';
import { processorTime, serverTime } from './processor-time.mjs';
import { keep, night, writeFeed } from './simulated-fleet.mjs';
import { figure, median } from './support.mjs';

/** Nights that are run, to tell what a year of them takes. */
const nights = Number(process.env.SCAPFEED_NIGHTS ?? 4);

/**
 * What the processes of a fleet on a server do: the built command with a worker beside it against the command alone, the memory of
 * each, and the room that a night takes in the store.
 */
export async function run({ quick }) {
  if (!hasPostgres()) return [];
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-fleet-'));
  const postgres = await startPostgres();
  try {
    const count = Number(process.env.SCAPFEED_FLEET ?? (quick ? 300 : 10_000));
    const feeds = Array.from({ length: nights + 1 }, (_, at) => writeFeed(join(folder, `${at}`), at));
    const kept = await postgres.newDatabase();
    await keep(kept, count);
    const rounds = [];
    for (let at = 0; at < (quick ? 1 : 3); at++) {
      const alone = await judging(await clone(postgres, kept), feeds[0], false);
      const both = await judging(await clone(postgres, kept), feeds[0], true);
      rounds.push({ alone, both, ratio: alone.judging / both.judging });
    }
    const name = (what) => `PostgreSQL, ${count} inventories, ${what}`;
    const memory = Math.max(...rounds.flatMap(({ alone, both }) => [alone.memory, both.memory, both.worker]));
    return [
      figure({
        name: name('judging by one process for each second of two'),
        value: median(rounds.map(({ ratio }) => ratio)),
        unit: '',
        ...{ target: 1.7, atLeast: true, kind: 'absolute' },
        note: rounds
          .map(({ alone, both }) => `${alone.judging.toFixed(1)}/${both.judging.toFixed(1)} s`)
          .join(', '),
      }),
      figure({
        name: name('processor time of the first judging, alone and with a worker'),
        value: total(rounds[0].alone),
        unit: 's',
        kind: 'absolute',
        note: `run, worker, server: ${shares(rounds[0].alone)} alone; ${shares(rounds[0].both)} together`,
      }),
      figure({
        name: name('memory of a process of the first judging'),
        ...{ value: memory, unit: 'MB', target: 300, kind: 'absolute' },
      }),
      ...(await growth(await clone(postgres, kept), feeds, name)),
    ];
  } finally {
    postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

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
 * The first judging by the built command: seconds from its first job to the end of its last one, peak memory in MB, and processor
 * time in seconds.
 */
async function judging(place, feed, hasWorker) {
  const ofServer = serverTime(place);
  const worker = hasWorker ? start(place, 'worker', feed) : undefined;
  if (worker) await pause(3000);
  const run = start(place, 'run', feed, ['--max-age', '0']);
  await run.ended;
  worker?.end();
  await worker?.ended;
  const [{ seconds }] = await query(
    place,
    `SELECT extract(epoch FROM max(completed_on) - min(started_on))::float AS seconds FROM fleet_queue.job WHERE name = 'judge'`,
  );
  return {
    judging: seconds,
    ...{ memory: run.memory(), worker: worker?.memory() ?? 0 },
    times: [run.cpu(), worker?.cpu() ?? 0, serverTime(place) - ofServer],
  };
}

function start(place, name, feed, more = []) {
  const args = ['dist/cli.cjs', 'fleet', name, '--database', place, '--feed', feed, ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let [memory, cpu] = [0, 0];
  const look = setInterval(() => {
    const [, kilobytes = 0] = /VmHWM:\s+(\d+)/.exec(statusOf(child.pid)) ?? [];
    memory = Math.max(memory, Number(kilobytes) / 1024);
    cpu = processorTime(child.pid) ?? cpu;
  }, 200);
  const ended = new Promise((resolve) => child.once('exit', resolve)).finally(() => clearInterval(look));
  return { ended, end: () => child.kill('SIGTERM'), memory: () => memory, cpu: () => cpu };
}

/** Empty: the process has ended. */
function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

/** What the store grows by in a night in which another 0.5 % of the statements changed. */
async function growth(place, feeds, name) {
  const size = async () => {
    await query(place, 'VACUUM');
    const [{ bytes }] = await query(place, 'SELECT pg_database_size(current_database())::float AS bytes');
    return bytes / 1e6;
  };
  const sizes = [];
  for (const feed of feeds) {
    await night(place, feed);
    sizes.push(await size());
  }
  const first = sizes[0];
  // Room that rows leave when they change is used again from the second night on.
  const perNight = (sizes.at(-1) - sizes[2]) / (nights - 2);
  return [
    figure({ name: name('kept after the first night'), value: first, unit: 'MB', kind: 'absolute' }),
    figure({
      name: name(`and after a year, by what the last of ${nights} nights added`),
      ...{ value: first + 365 * perNight, unit: 'MB', target: 2000, kind: 'absolute' },
      note: `${perNight.toFixed(2)} MB a night; ${sizes.map(Math.round).join(', ')} MB`,
    }),
  ];
}
