import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { openSnapshotStore, type SnapshotStore } from '../sources/snapshots.ts';
import type { OptionValues } from './command.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Options of every command that reads snapshots. */
export const snapshotOptions = {
  snapshots: { type: 'string' },
  mirror: { type: 'string' },
} as const;

export const snapshotHelp = `  --snapshots DIR    where fetched vendor documents are kept (default: XDG_CACHE_HOME/scapfeed/snapshots; with a
                     mirror a folder of that mirror's own beside it, snapshots-of-DIGEST)
  --mirror DIR|URL   read https://HOST/PATH as MIRROR/HOST/PATH (default: SCAPFEED_MIRROR, then the vendors)
`;

export function chosenMirror(values: OptionValues, env: Environment): string | undefined {
  return (values['mirror'] as string | undefined) ?? env['SCAPFEED_MIRROR'];
}

/** The store that the options name. What a mirror gave never mixes with what the vendors gave. */
export function chosenSnapshots(values: OptionValues, env: Environment): SnapshotStore {
  const given = values['snapshots'] as string | undefined;
  if (given !== undefined) return openSnapshotStore(given);
  const cache = join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'scapfeed');
  const mirror = chosenMirror(values, env);
  if (mirror === undefined) return openSnapshotStore(join(cache, 'snapshots'));
  const place = /^https?:/.test(mirror) ? mirror : resolve(mirror);
  const name = createHash('sha256').update(place).digest('hex').slice(0, 12);
  return openSnapshotStore(join(cache, `snapshots-of-${name}`));
}
