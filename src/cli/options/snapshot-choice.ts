import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { mirrorFolder } from '../../io/http/mirror.ts';
import { openSnapshotStore, type SnapshotStore } from '../../sources/snapshots.ts';
import { type Command, type OptionValues, usage } from '../command.ts';

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
  return (values['mirror'] as string | undefined) ?? (env['SCAPFEED_MIRROR'] || undefined);
}

/** Throws USAGE where a mirror is to be a folder, and there is none: it is no vendor that lacks a document. */
export function requireMirror(command: Command, mirror: string): void {
  const folder = mirrorFolder(mirror);
  if (folder !== undefined) requireFolder(command, 'mirror', folder);
}

/** Throws USAGE where the options name a place of snapshots that is not there, whose list would be empty. */
export function requireSnapshots(command: Command, values: OptionValues): void {
  const { snapshots, mirror } = values;
  if (typeof snapshots === 'string') requireFolder(command, 'snapshots', snapshots);
  else if (typeof mirror === 'string') requireMirror(command, mirror);
}

function requireFolder(command: Command, option: string, folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw usage(
    command,
    `--${option}: no such folder: ${folder}`,
    `name a folder that exists with --${option} DIR`,
  );
}

/** The store that the options name. What a mirror gave never mixes with what the vendors gave. */
export function chosenSnapshots(values: OptionValues, env: Environment): SnapshotStore {
  return openSnapshotStore(chosenFolder(values, env));
}

/** Folders of the stores at hand: the one that the options name, else all at their default places, the chosen one first. */
export function snapshotFolders(values: OptionValues, env: Environment): string[] {
  const chosen = chosenFolder(values, env);
  if (values['snapshots'] !== undefined || values['mirror'] !== undefined) return [chosen];
  const cache = cacheFolder(env);
  const names = existsSync(cache) ? readdirSync(cache) : [];
  const stores = names.filter((name) => /^snapshots(-of-[0-9a-f]{12})?$/.test(name)).sort();
  return [...new Set([chosen, ...stores.map((name) => join(cache, name))])].filter((folder) =>
    existsSync(folder),
  );
}

/** The store at hand that has the bytes of these inputs; without one the chosen store, whose reader tells what is missing. */
export function snapshotsWith(
  inputs: readonly { sha256: string }[],
  values: OptionValues,
  env: Environment,
): SnapshotStore {
  const stores = snapshotFolders(values, env).map((folder) => openSnapshotStore(folder));
  const complete = stores.find((store) => inputs.every((input) => existsSync(store.path(input))));
  return complete ?? chosenSnapshots(values, env);
}

function chosenFolder(values: OptionValues, env: Environment): string {
  const given = values['snapshots'] as string | undefined;
  if (given !== undefined) return given;
  const cache = cacheFolder(env);
  const mirror = chosenMirror(values, env);
  if (mirror === undefined) return join(cache, 'snapshots');
  const place = /^https?:/.test(mirror) ? mirror : resolve(mirror);
  const name = createHash('sha256').update(place).digest('hex').slice(0, 12);
  return join(cache, `snapshots-of-${name}`);
}

function cacheFolder(env: Environment): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'scapfeed');
}
