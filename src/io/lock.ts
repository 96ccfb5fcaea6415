import {
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { ScapfeedError } from '../model/error.ts';
import { makeFolders } from './staging.ts';
import { systemReason, writeError } from './system-reason.ts';
import { discardUnfinished, forgetUnfinished, noteUnfinished } from './unfinished.ts';

/** The holder of a lock; `start` distinguishes a process from a later one with the same number. */
interface Holder {
  pid: number;
  host: string;
  start: string;
}

/** Interval at which a holder shows that it is alive, and the time without a sign after which it counts as dead. */
const beatMilliseconds = 30_000;
const silentMilliseconds = 10 * beatMilliseconds;

export interface LockOptions {
  /**
   * The holder writes to its lock as long as it runs, so that one of another machine, whose processes cannot be looked at,
   * does not hold for ever. Only for what two holders at once would not destroy: a machine may sleep.
   */
  beats?: boolean;
  /** Where it cannot be created. */
  remedy?: string;
  /** The work of the holder, for messages. */
  work?: string;
}

/** Milliseconds. */
const patience = { step: 50, most: 120_000 };

/** Does the same as {@link takeLock}, and waits two minutes for a holder that is alive. */
export async function awaitLock(path: string, options: LockOptions = {}): Promise<() => void> {
  for (let waited = 0; ; waited += patience.step) {
    try {
      return takeLock(path, options);
    } catch (error) {
      const isHeld = error instanceof ScapfeedError && error.code === 'FEED_LOCKED';
      if (!isHeld || waited >= patience.most) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, patience.step));
  }
}

/** Takes a lock file, also one whose holder is dead. Returns its release. @throws FEED_LOCKED if its holder is alive */
export function takeLock(
  path: string,
  { beats = false, remedy = 'free space or grant access', work = 'running here' }: LockOptions = {},
): () => void {
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      const leaveFolder = makeFolders(dirname(path));
      if (create(path)) return held(path, beats, leaveFolder);
      leaveFolder();
      clearDead(path, beats, work);
    }
  } catch (cause) {
    if (cause instanceof ScapfeedError) throw cause;
    throw writeError({
      message: `the lock cannot be created: ${systemReason(cause)}`,
      where: path,
      remedy,
      cause,
    });
  }
  throw locked(path, readHolder(path), work);
}

function held(path: string, beats: boolean, leaveFolder: () => void): () => void {
  const timer = beats ? setInterval(() => beat(path), beatMilliseconds).unref() : undefined;
  return () => {
    clearInterval(timer);
    removeOwn(path);
    forgetUnfinished(path);
    leaveFolder();
  };
}

/** Another process may have taken it for that of a dead one. */
function removeOwn(path: string): void {
  if (isOwn(path)) rmSync(path, { force: true });
}

/** Appends a blank: the file system's own clock dates it, and the file can be read at any moment. */
function beat(path: string): void {
  if (!isOwn(path)) return;
  try {
    const file = openSync(path, 'r+');
    try {
      writeSync(file, ' ', fstatSync(file).size);
    } finally {
      closeSync(file);
    }
  } catch {
    // It is gone, or the disk is full: the next one may succeed.
  }
}

function isOwn(path: string): boolean {
  const [holder, own] = [readHolder(path), self()];
  return holder?.pid === own.pid && holder.host === own.host && holder.start === own.start;
}

/**
 * Writes to another file and then links it, so that a lock always names its holder. False: there is a lock, or the folder has gone
 * with the lock that it was made for.
 */
function create(path: string): boolean {
  const apart = noteUnfinished(`${path}.${process.pid}.tmp`);
  try {
    writeFileSync(apart, JSON.stringify(self()));
    linkSync(apart, path);
    noteUnfinished(path, () => removeOwn(path));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  } finally {
    discardUnfinished(apart);
  }
}

/** Renames a dead holder's lock first, so that only one of two processes that see it can remove it. */
function clearDead(path: string, beats: boolean, work: string): void {
  const holder = readHolder(path);
  if (holder && isAlive(holder) && !(beats && isSilent(holder, path))) throw locked(path, holder, work);
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved && isAlive(moved) && !(beats && isSilent(moved, aside))) renameSync(aside, path);
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

/** Of another machine, and without a sign of life for long: by the clock of the file system, not by this machine's. */
function isSilent({ host }: Holder, path: string): boolean {
  if (host === hostname()) return false;
  const now = `${path}.${process.pid}.now`;
  try {
    writeFileSync(now, '');
    return statSync(now).mtimeMs - statSync(path).mtimeMs > silentMilliseconds;
  } finally {
    rmSync(now, { force: true });
  }
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

function locked(path: string, holder: Holder | undefined, work: string): ScapfeedError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new ScapfeedError({
    code: 'FEED_LOCKED',
    message: `${who} is ${work}`,
    where: path,
    remedy: 'wait for it to end; if that machine is gone for good, remove the lock file',
  });
}
