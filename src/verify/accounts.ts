import { textLines } from '../files/text-lines.ts';
import type { FileView } from '../model/index.ts';
import { maxTableBytes } from './limits.ts';

export const accountPaths = ['/etc/passwd', '/etc/group'] as const;

/** Names of users and groups by their numbers, from the image's own files. */
export interface Accounts {
  user(uid: number): string;
  group(gid: number): string;
}

export function readAccounts(files: FileView): Accounts {
  const [users, groups] = accountPaths.map((path) => namesIn(files.read(path, maxTableBytes)));
  return {
    // rpm uses these names without looking them up (lib/rpmug.c).
    user: (uid) => (uid === 0 ? 'root' : (users?.get(uid) ?? String(uid))),
    group: (gid) => (gid === 0 ? 'root' : (groups?.get(gid) ?? String(gid))),
  };
}

/** `name:password:number:…`; the first line of a number counts (getpwuid(3)). */
function namesIn(content: Buffer | undefined): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of content ? textLines(content) : []) {
    const [name = '', , number = ''] = line.split(':');
    if (/^\d+$/.test(number) && !names.has(Number(number))) names.set(Number(number), name);
  }
  return names;
}
