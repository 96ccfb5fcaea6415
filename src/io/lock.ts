import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { ScapfeedError } from '../model/index.ts';
import { writeError } from './disk-refusal.ts';

/** The holder of a lock; `start` distinguishes a process from a later one with the same number. */
interface Holder {
  pid: number;
  host: string;
  start: string;
}

/** Takes a lock file, also one whose holder is dead. Returns its release. @throws FEED_LOCKED if its holder is alive */
export function takeLock(path: string): () => void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    for (let attempt = 0; attempt < 3; attempt++) {
      if (create(path)) return () => rmSync(path, { force: true });
      clearDead(path);
    }
  } catch (cause) {
    if (cause instanceof ScapfeedError) throw cause;
    throw writeError({
      message: `the lock cannot be created: ${cause instanceof Error ? cause.message : ''}`,
      where: path,
      remedy: 'free space or grant access',
      cause,
    });
  }
  throw locked(path, readHolder(path));
}

/** Writes to another file and then links it, so that a lock always names its holder. */
function create(path: string): boolean {
  const apart = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(apart, JSON.stringify(self()));
    linkSync(apart, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(apart, { force: true });
  }
}

/** Renames a dead holder's lock first, so that only one of two processes that see it can remove it. */
function clearDead(path: string): void {
  const holder = readHolder(path);
  if (holder && isAlive(holder)) throw locked(path, holder);
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved && isAlive(moved)) renameSync(aside, path);
  else rmSync(aside, { force: true });
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function self(): Holder {
  return { pid: process.pid, host: hostname(), start: startOf(process.pid) ?? '' };
}

/** A lock of another machine holds, because its process cannot be checked. */
function isAlive({ pid, host, start }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return now === undefined || start === '' || now === start;
}

/** Start time in clock ticks since boot, field 22 of /proc/PID/stat (proc(5)); undefined without /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function locked(path: string, holder: Holder | undefined): ScapfeedError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new ScapfeedError({
    code: 'FEED_LOCKED',
    message: `${who} is running here`,
    where: path,
    remedy: 'wait for it to end; if that machine is gone for good, remove the lock file',
  });
}
