import { type Gap, unreadRecords } from '../model/index.ts';

/** The gaps of an explanation, where a result does not list gaps. `platform`: the name of the release. */
export function gapText(gap: Gap, platform: string): string {
  return gap.code === 'end_of_life' ? endOfLifeText(platform, gap.detail) : unreadText(gap);
}

/** `Debian GNU/Linux 10 (buster) is past its end of life: the vendor no longer publishes …` */
export function endOfLifeText(platform: string, detail: string): string {
  return `${platform} is past its end of life: ${detail}`;
}

/** The gaps `unread_context` and `unread_records`. */
export function unreadText({ code, where, detail }: Gap): string {
  if (code === unreadRecords) return `not read: ${detail}`;
  return `not read: what the image says of its products at ${where ?? 'its labels'} (${detail}); with it, verdicts may be others`;
}
