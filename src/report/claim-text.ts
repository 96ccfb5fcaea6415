import type { ShardClaim } from '../model/feed/index.ts';

/** `fixed in 3.0.8-1`, `affected, will not fix, minor`. */
export function claimText({ status, fixed, fixState, reason }: ShardClaim): string {
  const words = fixed === undefined ? status.replaceAll('_', ' ') : `fixed in ${fixed}`;
  return [words, fixState?.replaceAll('_', ' '), reason?.replaceAll('_', ' ')].filter(Boolean).join(', ');
}
