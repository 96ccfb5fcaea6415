import type { FixState } from '../../model/feed/index.ts';
import type { ImageState } from '../../model/fleet/index.ts';
import { gateExitCodes, isMalicious, type SignedVerdict } from '../../model/verdict/index.ts';
import { stateWord } from '../../report/scan/words.ts';
import { plural } from '../../report/text-table.ts';
import type { NameFiles } from '../store/name-rows.ts';
import type { ViewedName } from '../view/fleet-view.ts';

/** Words for the state of an image. `judged` means that everything was judged; the numbers show whether there are flaws. */
export const standingWords: Readonly<Record<ImageState, string>> = {
  unread: 'not read',
  waiting: 'not judged yet',
  uncovered: 'not covered',
  partly: 'judged in part',
  judged: 'judged',
};

export const standingNotes: Readonly<Record<ImageState, string>> = {
  unread: 'could not be read in the last run: nothing is known of what it holds now',
  waiting: 'waits for the next run',
  uncovered:
    'no platform of the feed judges its system, or none of its packages has data: nothing is known of its flaws',
  partly: 'something in it is not judged: there may be flaws that nobody counted',
  judged: 'every package is judged',
};

/** Unchecked signatures of an image are a state of their own, as is an image without any. */
export const signedStates = [
  'signed',
  'unsigned',
  'refused',
  'rejected',
  'not_required',
  'unchecked',
] as const;

export type SignedState = (typeof signedStates)[number];

export const signedWords: Readonly<Record<SignedState, string>> = {
  signed: 'signed',
  unsigned: 'unsigned',
  refused: 'not signed as required',
  rejected: 'rejected by the policy',
  not_required: 'no proof required',
  unchecked: 'not looked at',
};

export function signedState(verdict: SignedVerdict | null): SignedState {
  return verdict ?? 'unchecked';
}

export function isSignedBadly(verdict: SignedVerdict | null): boolean {
  return verdict !== null && gateExitCodes[verdict] > 0;
}

/** States of an image's files. No state claims more than was compared. */
export const filesStates = ['deviating', 'as_packaged', 'partly', 'failed', 'unverified'] as const;

export type FilesState = (typeof filesStates)[number];

export const filesWords: Readonly<Record<FilesState, string>> = {
  deviating: 'with deviations',
  as_packaged: 'as packaged',
  partly: 'verified in part',
  failed: 'could not be verified',
  unverified: 'not verified',
};

export function filesState(files: NameFiles | null): FilesState {
  if (files === null) return 'unverified';
  if (files.failed) return 'failed';
  if (Object.keys(files.kinds).length > 0) return 'deviating';
  return files.partly ? 'partly' : 'as_packaged';
}

/** Why not everything is known of an image; none: everything is judged. */
export function doubtsOf({
  state,
  unread,
  uncovered,
  gaps,
  counts,
  unjudged,
  halfInstalled,
}: ViewedName): string[] {
  return [
    ...(unread ? [`${unread.code}: ${unread.message}`] : []),
    ...(state === 'waiting' ? [standingNotes.waiting] : []),
    ...(uncovered ? [`${uncovered.code}: ${uncovered.message}`] : []),
    ...(gaps ?? []).map(({ code, detail }) => `${code.replaceAll('_', ' ')}: ${detail}`),
    ...(counts && counts.uncovered > 0 && !uncovered
      ? [`${plural(counts.uncovered, 'package')} not covered`]
      : []),
    ...(unjudged > 0 ? [`${plural(unjudged, 'package')} of ecosystems that the feed does not judge`] : []),
    ...(halfInstalled > 0 ? [`${plural(halfInstalled, 'package')} only half installed`] : []),
  ];
}

export interface KeptState {
  status: string;
  fix_state: string | null;
  fixed_version: string | null;
  marks: readonly string[];
}

/** `fixed in 1.2-3`, `no fix yet`, `under investigation`, `MALICIOUS PACKAGE: remove it`. */
export function fixWords({ status, fix_state: state, fixed_version: version, marks }: KeptState): string {
  const verdict = { status, marks, ...(state !== null && { fixState: state as FixState }) };
  const isMalware = isMalicious({ marks });
  if (status === 'affected' && state === 'available' && !isMalware) return `fixed in ${version}`;
  if (status === 'affected' && state === null && !isMalware) return 'affected';
  const word = stateWord(verdict as Parameters<typeof stateWord>[0]);
  return state === 'other_channel' && version !== null ? `${word}: ${version}` : word;
}

/** `today`, `1 day`, `34 days` between two times. */
export function ageWords(from: Date | string, now: Date): string {
  const days = daysBetween(from, now);
  return days === 0 ? 'today' : plural(days, 'day');
}

const hour = 3_600_000;

/** `12 hours ago`, `3 days ago`, by whole hours of the clock: a page that is kept for an hour says the same in all of it. */
export function agoWords(from: Date, now: Date): string {
  const hours = Math.max(0, Math.floor(now.getTime() / hour) - Math.floor(from.getTime() / hour));
  if (hours === 0) return 'within the hour';
  return hours < 48 ? `${plural(hours, 'hour')} ago` : `${plural(Math.floor(hours / 24), 'day')} ago`;
}

function daysBetween(from: Date | string, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - new Date(from).getTime()) / 86_400_000));
}

/** `2026-11-20`. */
export function day(date: Date | string): string {
  return new Date(date).toISOString().slice(0, 10);
}

/** `2026-11-20 14:05 UTC`. */
export function minute(date: Date | string): string {
  return `${new Date(date).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
