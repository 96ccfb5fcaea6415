import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolders } from '../../io/staging.ts';
import { outputNotWritable, systemReason, writeError } from '../../io/system-reason.ts';
import { discardUnfinished, forgetUnfinished, noteUnfinished } from '../../io/unfinished.ts';
import { roomForPull } from '../feed-stays.ts';
import { othersMayWrite, ownFolder } from '../private-folder.ts';

/**
 * The location of a pulled feed: a link `NAME` to one of the directories in `.NAME.feeds/`. A new feed is written beside the
 * old one and the link is replaced by one rename, so that every reader sees one or the other. The last feed stays until the
 * next switch, so that a scan that has opened it can finish.
 */
export interface FeedPlace {
  readonly directory: string;
  /** The folder that has the feeds. */
  readonly versions: string;
  /** The feed in use. */
  current(): string | undefined;
  /** Writes all files of a feed and puts it in use. */
  install(name: string, files: ReadonlyMap<string, Buffer | string>): void;
}

export function openPlace(directory: string): FeedPlace {
  const link = resolve(directory);
  const versions = join(dirname(link), `.${basename(link)}.feeds`);
  refuseForeign(link);
  const current = () => (existsSync(link) ? resolve(dirname(link), readlinkSync(link)) : undefined);
  return {
    directory: link,
    versions,
    current,
    install(name, files) {
      try {
        const feed = current();
        const before = feed && basename(feed);
        const target = join(versions, name);
        const staging = noteUnfinished(`${target}.${process.pid}.staging`);
        rmSync(staging, { recursive: true, force: true });
        writeFiles(staging, files);
        if (existsSync(target)) rmSync(target, { recursive: true, force: true });
        renameSync(staging, target);
        forgetUnfinished(staging);
        switchLink(link, join(basename(versions), name));
        clearOthers(versions, link, [name, before]);
      } catch (cause) {
        clearStagings(versions);
        throw notWritable(versions, cause);
      }
    },
  };
}

/** Trusted metadata, partial downloads and the lock are beside the feed, not in it, because they outlive it. */
export function trustFolder(directory: string): string {
  const link = resolve(directory);
  return join(dirname(link), `.${basename(link)}.trust`);
}

/**
 * Makes the folders beside the feed, or refuses those that others can write. Returns what removes them again if nothing came into them.
 * @throws TRUST_NOT_PRIVATE, OUTPUT_NOT_WRITABLE
 */
export function claimPlace({ directory, versions }: FeedPlace): () => void {
  const made: (() => void)[] = [];
  const leave = () => {
    for (const each of made.reverse()) each();
  };
  try {
    for (const folder of [trustFolder(directory), versions]) {
      made.push(makeFolders(folder, 0o777 & ~othersMayWrite));
      ownFolder(folder, othersMayWrite, 'TRUST_NOT_PRIVATE');
    }
    return leave;
  } catch (cause) {
    leave();
    throw notWritable(dirname(directory), cause);
  }
}

function writeFiles(root: string, files: ReadonlyMap<string, Buffer | string>): void {
  for (const [path, content] of files) {
    const file = join(root, path);
    // Whatever the umask is: who may write here would decide what is scanned with.
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, content, { flush: true, mode: 0o644 });
  }
}

function switchLink(link: string, target: string): void {
  const beside = noteUnfinished(`${link}.${process.pid}.link`);
  try {
    rmSync(beside, { force: true });
    symlinkSync(target, beside);
    renameSync(beside, link);
  } finally {
    forgetUnfinished(beside);
  }
}

/** Removes all but the new feed and the one before it. */
function clearOthers(versions: string, link: string, kept: readonly (string | undefined)[]): void {
  for (const entry of readdirSync(versions)) {
    if (!kept.includes(entry)) rmSync(join(versions, entry), { recursive: true, force: true });
  }
  for (const entry of readdirSync(dirname(link))) {
    const ours = entry.startsWith(`${basename(link)}.`) && entry.endsWith('.link');
    if (ours) rmSync(join(dirname(link), entry), { force: true });
  }
}

function clearStagings(versions: string): void {
  if (!existsSync(versions)) return;
  for (const entry of readdirSync(versions)) {
    if (entry.endsWith(`.${process.pid}.staging`)) discardUnfinished(join(versions, entry));
  }
}

function refuseForeign(link: string): void {
  const stat = lstatSync(link, { throwIfNoEntry: false });
  if (!stat || stat.isSymbolicLink()) return;
  throw outputNotWritable({
    message: 'the output path of the feed exists and was not created by a pull',
    where: link,
    remedy: 'specify another folder with --out DIR, or move this one away',
  });
}

/** An error for a write that the system refused; other errors are returned unchanged. */
function notWritable(where: string, cause: unknown): unknown {
  if (!(cause instanceof Error && 'syscall' in cause)) return cause;
  return writeError({
    message: `the new feed cannot be written: ${systemReason(cause)}`,
    where,
    remedy: roomForPull,
    cause,
  });
}
