import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { type ErrorCode, ScapfeedError } from '../model/index.ts';

/** Rights of a folder or file that nobody else may change, and that nobody else may read. */
export const othersMayWrite = 0o022;
export const othersMayAny = 0o077;

/**
 * Makes a folder of our own, or refuses one that is somebody else's: who may write into it decides what it says. A link
 * in its place is refused too.
 */
export function ownFolder(path: string, forbidden: number, code: ErrorCode): void {
  mkdirSync(path, { recursive: true, mode: 0o777 & ~forbidden });
  requireOwn(path, lstatSync(path), { kind: 'folder', forbidden, code });
}

/** Refuses what is not ours or gives others the forbidden rights. Systems without users have nothing to check. */
export function requireOwn(
  path: string,
  stat: Stats,
  { kind, forbidden, code }: { kind: 'folder' | 'file'; forbidden: number; code: ErrorCode },
): void {
  const user = process.geteuid?.();
  if (user === undefined) return;
  const refuse = (message: string, remedy: string) => {
    throw new ScapfeedError({ code, message, where: path, remedy });
  };
  const right = kind === 'folder' ? stat.isDirectory() : stat.isFile();
  if (!right)
    refuse(`expected a ${kind} of this user, found something else`, 'see who made it, and remove it');
  // What the system's owner made is as good as the system.
  if (stat.uid !== user && stat.uid !== 0)
    refuse(
      `the ${kind} belongs to user ${stat.uid}, this is user ${user}`,
      'use it as its owner, name another place, or remove it if you know who made it',
    );
  if ((stat.mode & forbidden) !== 0) {
    const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
    const may = forbidden === othersMayAny ? 'read or write' : 'write to';
    const rights = forbidden === othersMayAny ? 'go-rwx' : 'go-w';
    refuse(
      `others may ${may} the ${kind}: its mode is ${mode}`,
      `see that nobody has changed it, then run \`chmod ${rights}\` on it`,
    );
  }
}
