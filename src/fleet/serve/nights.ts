import { setTimeout as pause } from 'node:timers/promises';
import { isScapfeedError } from '../../model/error.ts';
import { isOfDatabase, outlasting } from '../outlasting.ts';
import type { Queue } from '../queue/queue.ts';
import type { Database } from '../store/database.ts';
import type { Runner } from './runner.ts';

/** When runs are due: every so many milliseconds, or each day at a time by this machine's clock. */
export type Schedule = { every: number } | { hour: number; minute: number };

/** Milliseconds between two looks whether a night is due, and between two signs of life in one. */
const lookEvery = 2_000;
const touchEvery = 4_000;

export interface Nights {
  database: Database;
  queue: Queue;
  runner: Runner;
  schedule: Schedule;
  now(): Date;
  warn(text: string): void;
}

/**
 * Begins the runs that are due until `ending` is aborted. Any number of servers may have a schedule: the queue gives each night
 * to one of them, and to another one if that dies.
 */
export async function keepNights(nights: Nights, ending: AbortSignal): Promise<void> {
  const { database, queue, schedule, now, warn } = nights;
  await queue.planNight(await firstNight(database, schedule, now()), now());
  const outlast = outlasting(warn);
  while (!ending.aborted) {
    await outlast(() => takeDue(nights, ending));
    await pause(lookEvery, undefined, { signal: ending }).catch(() => undefined);
  }
}

async function takeDue({ queue, runner, schedule, now, warn }: Nights, ending: AbortSignal): Promise<void> {
  const night = await queue.takeNight();
  if (!night) return;
  // Before it begins: a night that fails is followed by another one all the same. By a clock behind the database's, the time
  // of day is still to come: the night that is due is not planned twice.
  const from = new Date(Math.max(now().getTime(), night.due.getTime()));
  await queue.planNight(nextNight(schedule, from), now());
  const alive = setInterval(() => void queue.touchNight(night).catch(() => undefined), touchEvery);
  let failed: unknown;
  try {
    await runner.start();
    failed = await runner.settled();
  } catch (error) {
    if (!isScapfeedError(error)) throw error;
    failed = error;
    warn(`the run of this night did not begin: ${error.message}`);
  } finally {
    clearInterval(alive);
  }
  if (ending.aborted) return;
  // If the database does not even take this, the night is given back when its process has given no sign for long enough.
  if (isOfDatabase(failed)) await queue.failNight(night, failed);
  else await queue.endNight(night);
}

/** A server that starts again does not begin from the beginning: what is counted from is the last run. */
async function firstNight(database: Database, schedule: Schedule, now: Date): Promise<Date> {
  if (!('every' in schedule)) return nextNight(schedule, now);
  const [last] = await database.query<{ started: Date }>(
    `SELECT started FROM fleet.runs WHERE state = 'finished' ORDER BY id DESC LIMIT 1`,
  );
  const at = (last?.started.getTime() ?? 0) + schedule.every;
  // Not before now: the queue forgets jobs that are long past. And a clock that was set back does not put the next night off for
  // longer than that.
  return new Date(Math.min(Math.max(at, now.getTime()), now.getTime() + schedule.every));
}

export function nextNight(schedule: Schedule, now: Date): Date {
  if ('every' in schedule) return new Date(now.getTime() + schedule.every);
  const { hour, minute } = schedule;
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate(), hour, minute);
  if (today > now) return today;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, hour, minute);
}
