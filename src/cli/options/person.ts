import { userInfo } from 'node:os';
import { text, withDefault } from '../../tasks/option.ts';

/** The person who acts, which is kept with the act. */
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
