import type { Gap } from '../model/index.ts';

/** The gap `unread_context`, where a result does not list gaps. */
export function unreadText({ where, detail }: Gap): string {
  return `not read: what the image says of its products at ${where ?? 'its labels'} (${detail}); with it, verdicts may be others`;
}
