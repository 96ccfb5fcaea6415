import { type Gap, unreadRecords } from '../model/index.ts';

/** The gaps `unread_context` and `unread_records`, where a result does not list gaps. */
export function unreadText({ code, where, detail }: Gap): string {
  if (code === unreadRecords) return `not read: ${detail}`;
  return `not read: what the image says of its products at ${where ?? 'its labels'} (${detail}); with it, verdicts may be others`;
}
