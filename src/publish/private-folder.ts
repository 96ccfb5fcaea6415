import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { type ErrorCode, ScapfeedError } from '../model/error.ts';

/** Mode bits that are forbidden if no other user may write, and if none may read. */
export const othersMayWrite = 0o022;
export const othersMayAny = 0o077;

/**
 * Write bits that must be clear so that only the owner can change a file: systems with umask 002 give every user a group of their
 * own.
 */
export function othersWriteBits({ uid, gid }: Stats): number {
  return gid === uid ? 0o002 : othersMayWrite;
}

/**
 * Makes a private folder, or refuses an existing one that belongs to somebody else, who could change its content. A link in
 * its place is refused too.
 */
export function ownFolder(path: string, forbidden: number, code: ErrorCode): void {
  mkdirSync(path, { recursive: true, mode: 0o777 & ~forbidden });
  requireOwn(path, lstatSync(path), { kind: 'folder', forbidden, code });
}

/** Refuses a file or folder of another user, or with forbidden mode bits. Systems without users are not checked. */
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
  // Files of root are trusted.
  if (stat.uid !== user && stat.uid !== 0)
    refuse(
      `the ${kind} belongs to user ${stat.uid}, this is user ${user}`,
      'use it as its owner, specify another folder, or remove it if you know who made it',
    );
  if ((stat.mode & forbidden) !== 0) {
    const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
    const may = (forbidden & ~othersMayWrite) === 0 ? 'write to' : 'read or write';
    const rights = { [othersMayAny]: 'go-rwx', [othersMayWrite]: 'go-w', 2: 'o-w' }[forbidden] ?? 'g-w,o-rwx';
    refuse(
      `others may ${may} the ${kind}: its mode is ${mode}`,
      `check that nobody has changed it, then run \`chmod ${rights}\` on it`,
    );
  }
}

/** True if only this user and root can have changed it. */
export function isGuarded(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat || stat.isSymbolicLink()) return false;
  if (process.getuid === undefined) return true;
  return (stat.uid === process.getuid() || stat.uid === 0) && (stat.mode & othersWriteBits(stat)) === 0;
}
