import { userInfo } from 'node:os';

/** The user of this process. One without an entry in the list of users, as in a container, has a number. */
export function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
