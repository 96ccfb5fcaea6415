import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { userCache } from '../../io/private-cache.ts';
import type { Environment } from '../../model/environment.ts';
import { openSnapshotStore, type SnapshotStore } from '../../sources/snapshots.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { requireFolder, requireMirror } from '../../tasks/require-folder.ts';
import type { snapshotOptions } from '../../tasks/snapshots/options.ts';

type SnapshotChoice = OptionValues<typeof snapshotOptions>;

export function chosenMirror({ mirror }: SnapshotChoice, env: Environment): string | undefined {
  return mirror ?? (env['SCAPFEED_MIRROR'] || undefined);
}

/** @throws {ScapfeedError} USAGE if the options name a folder that does not exist, whose list would be empty */
export function requireSnapshots(command: string, { snapshots, mirror }: SnapshotChoice): void {
  if (snapshots !== undefined) requireFolder(command, 'snapshots', snapshots);
  else if (mirror !== undefined) requireMirror(command, mirror);
}

/** The store that the options name. Documents from a mirror and from the vendors are kept apart. */
export function chosenSnapshots(options: SnapshotChoice, env: Environment): SnapshotStore {
  return openSnapshotStore(chosenFolder(options, env));
}

/** Folders of existing stores: the one that the options name, else all at their default places, the chosen one first. */
export function snapshotFolders(options: SnapshotChoice, env: Environment): string[] {
  const chosen = chosenFolder(options, env);
  if (options.snapshots !== undefined || options.mirror !== undefined) return [chosen];
  const cache = userCache(env);
  const names = existsSync(cache) ? readdirSync(cache) : [];
  const stores = names.filter((name) => /^snapshots(-of-[0-9a-f]{12})?$/.test(name)).sort();
  return [...new Set([chosen, ...stores.map((name) => join(cache, name))])].filter((folder) =>
    existsSync(folder),
  );
}

/** The store that has the bytes of these inputs; if none has, the chosen one, whose reader reports what is missing. */
export function snapshotsWith(
  inputs: readonly { sha256: string }[],
  options: SnapshotChoice,
  env: Environment,
): SnapshotStore {
  const stores = snapshotFolders(options, env).map((folder) => openSnapshotStore(folder));
  const complete = stores.find((store) => inputs.every((input) => existsSync(store.path(input))));
  return complete ?? chosenSnapshots(options, env);
}

function chosenFolder(options: SnapshotChoice, env: Environment): string {
  if (options.snapshots !== undefined) return options.snapshots;
  const cache = userCache(env);
  const mirror = chosenMirror(options, env);
  if (mirror === undefined) return join(cache, 'snapshots');
  const place = /^https?:/.test(mirror) ? mirror : resolve(mirror);
  const name = createHash('sha256').update(place).digest('hex').slice(0, 12);
  return join(cache, `snapshots-of-${name}`);
}
