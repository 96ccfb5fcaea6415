import { userInfo } from 'node:os';
import { text, withDefault } from '../option.ts';

/** Whose act it is: it is kept with it. */
export const by = withDefault(
  text('WHO', 'your name, recorded with the change'),
  loginName(),
  "the user's login name",
);

/** A user without an entry in the list of users, as in a container, has a number. */
function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
