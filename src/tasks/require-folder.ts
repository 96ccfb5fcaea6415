import { statSync } from 'node:fs';
import { mirrorFolder, sampleMirror } from '../io/http/mirror.ts';
import { usage } from './given-words.ts';

/** @throws {ScapfeedError} USAGE if the mirror is a folder that does not exist: the vendor's documents are not missing */
export function requireMirror(command: string, mirror: string): void {
  const folder = mirrorFolder(mirror);
  if (folder !== undefined) requireFolder(command, 'mirror', folder, meantMirror(mirror));
}

/** The remedy for a mirror that lacks a part of its form: the sample without its colon, a server without its scheme. */
function meantMirror(mirror: string): string | undefined {
  const isSample = mirror.toLowerCase().replace(/:?\/*$/, '') === sampleMirror.slice(0, -1);
  if (isSample) return `did you mean --mirror ${sampleMirror}?`;
  const isHost = /^(?:localhost|[\w-]+(?:\.[\w-]+)+|\[[\da-f:]+\])(?::\d+)?(?:\/|$)/i.test(mirror);
  return isHost
    ? `specify an existing folder, or a server by its address: --mirror https://${mirror}`
    : undefined;
}

/** @throws {ScapfeedError} USAGE if there is no such folder. `meant`: the remedy, if it is known what was meant */
export function requireFolder(command: string, option: string, folder: string, meant?: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw usage(
    command,
    `--${option}: no such folder: ${folder}`,
    meant ?? `specify an existing folder with --${option} DIR`,
  );
}
