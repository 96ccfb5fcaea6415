import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileInPath, outputNotWritable, systemReason } from './system-reason.ts';
import { discardUnfinished, forgetUnfinished, noteUnfinished } from './unfinished.ts';

/** A directory that is written beside the one that it will replace. */
export interface Staging {
  /** Write here. */
  path: string;
  /** Replaces the target; at any moment the target is the old or the new directory, or can be recovered. */
  commit(): void;
  discard(): void;
}

const otherFolder = 'specify an empty or new folder with --out DIR';

/** The file by which a directory is recognised as a feed, which may be replaced. */
const marker = 'manifest.json';

/**
 * Begins a directory that will replace `target` as a whole, and removes what killed builds left.
 * @throws OUTPUT_NOT_WRITABLE if target is something else than a feed
 */
export function stageDirectory(target: string): Staging {
  const whole = resolve(target);
  const names = siblingNames(whole);
  recoverDirectory(whole);
  requireReplaceable(whole);
  // One process may build the same feed twice at once.
  const path = `${names.staging}${process.pid}-${randomBytes(4).toString('hex')}`;
  let leaveFolder = () => {};
  try {
    leaveFolder = makeFolders(dirname(whole));
    clearDeadStagings(whole);
    mkdirSync(noteUnfinished(path));
  } catch (cause) {
    forgetUnfinished(path);
    leaveFolder();
    throw outputNotWritable({
      message: `the output folder cannot be made: ${systemReason(cause)}`,
      where: whole,
      remedy: 'specify a writable folder with --out DIR',
      cause,
    });
  }
  return {
    path,
    commit() {
      while (!replace(path, whole, names.previous));
      rmSync(names.previous, { recursive: true, force: true });
      forgetUnfinished(path);
      leaveFolder();
    },
    discard() {
      discardUnfinished(path);
      leaveFolder();
    },
  };
}

/** False: between the two renames another process restored the old directory, as after a killed build. */
function replace(path: string, whole: string, previous: string): boolean {
  rmSync(previous, { recursive: true, force: true });
  if (existsSync(whole)) renameSync(whole, previous);
  try {
    renameSync(path, whole);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/** Restores the target after a kill between the two renames of a commit, where it is absent for a moment. */
export function recoverDirectory(target: string): void {
  const whole = resolve(target);
  const { previous } = siblingNames(whole);
  if (existsSync(whole) || !existsSync(previous)) return;
  try {
    renameSync(previous, whole);
  } catch (error) {
    // Another process restored it, or the build was not killed and continued.
    if (!existsSync(whole)) throw error;
  }
}

function siblingNames(whole: string): { staging: string; previous: string } {
  const hidden = join(dirname(whole), `.${basename(whole)}`);
  return { staging: `${hidden}.staging-`, previous: `${hidden}.previous` };
}

/** For work that ends with stageDirectory: what it would refuse then. @throws OUTPUT_NOT_WRITABLE if target is something else than a feed */
export function requireReplaceable(target: string): void {
  const whole = resolve(target);
  const file = fileInPath(whole);
  if (file !== undefined) {
    throw outputNotWritable({
      message: `the output folder cannot be made: ${file} is a file, not a folder`,
      where: whole,
      remedy: otherFolder,
    });
  }
  if (!existsSync(whole)) return;
  const entries = readdirSync(whole);
  if (entries.length === 0 || entries.includes(marker)) return;
  throw outputNotWritable({
    message: `the output directory contains other files and no ${marker}; a build would replace it as a whole`,
    where: whole,
    remedy: otherFolder,
  });
}

function clearDeadStagings(whole: string): void {
  const prefix = basename(siblingNames(whole).staging);
  for (const name of readdirSync(dirname(whole))) {
    if (!name.startsWith(prefix) || isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    rmSync(join(dirname(whole), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Makes a folder, and those above it, for what will be in it. Returns what ends that: those that were made and have nothing in them are
 * removed again, so that work that fails leaves no folder behind, not even of a name that was given by mistake.
 */
export function makeFolders(folder: string, mode?: number): () => void {
  const made = mkdirSync(folder, { recursive: true, ...(mode !== undefined && { mode }) });
  if (made === undefined) return () => undefined;
  const [last, first] = [resolve(folder), resolve(made)];
  const undo = () => removeEmpty(last, first);
  const noted = noteUnfinished(`${last}/`, undo);
  return () => {
    undo();
    forgetUnfinished(noted);
  };
}

/** Removes a folder, and those above it as far as `first`, as long as nothing is in them. */
export function removeEmpty(folder: string, first: string): void {
  try {
    for (let each = folder; each.length >= first.length; each = dirname(each)) rmdirSync(each);
  } catch {
    // Something is in it, as it should be.
  }
}
